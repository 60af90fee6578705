import type { Mode } from '../../kernel/mode.ts'
import type { Secret } from '../secret.ts'

/** What a security scheme of the contract means here. */
export interface SecurityConfig {
  readonly scheme: string
  /** Names of issuers; empty where `public`. */
  readonly issuers: readonly string[]
  /** True: the scheme asks for nothing. An open door. */
  readonly public: boolean
  readonly pointer: string
}

export interface FunctionConfig {
  /** Selectors, as written. */
  readonly for: readonly string[]
  /** Expression over the request. */
  readonly allow: string
  /** Overrides the mode of the control. */
  readonly mode: Mode | undefined
  readonly pointer: string
}

export interface ObjectConfig {
  /** Key under `objects:`. */
  readonly name: string
  /** Operations the rule is for; empty: those that have what `id` reads. */
  readonly for: readonly string[]
  /** Expression that gives the id; present wherever `owner` is, or `allow` without `learn`. */
  readonly id: string | undefined
  /** Expression that gives the owner, compared with the subject. */
  readonly owner: string | undefined
  /** Expression that lets others in as well. */
  readonly allow: string | undefined
  /** Expression of who the owner must be; undefined: `caller.sub`. */
  readonly subject: string | undefined
  /** Names of the issuers whose subjects own objects; undefined: those of every issuer. */
  readonly issuers: readonly string[] | undefined
  /** Overrides the mode of the control. */
  readonly mode: Mode | undefined
  /** Selector of the GET that shows an object's owner. */
  readonly read: string | undefined
  /** Component schema of the objects in replies. */
  readonly schema: string | undefined
  readonly list: 'filter' | 'refuse' | undefined
  readonly hidden: 403 | 404 | undefined
  readonly learn: LearnConfig | undefined
  readonly seal: SealConfig | undefined
  readonly ask: AskConfig | undefined
  /** Further places of ids: `path.NAME`, `Schema.property`. */
  readonly ids: readonly string[]
  readonly pointer: string
}

/** An external decision point. Times in milliseconds. */
export interface AskConfig {
  /** URLs without a slash at their end. */
  readonly point:
    | { readonly kind: 'authzen'; readonly url: string }
    | {
        readonly kind: 'openfga'
        readonly url: string
        readonly store: string
        readonly model: string | undefined
      }
  /** Bearer credential of the gateway. */
  readonly token: Secret | undefined
  /** Type of the objects; undefined: the rule's name. */
  readonly type: string | undefined
  /** One for all calls, or by operationId, method and `*`; undefined: `read` and `write`. */
  readonly action: string | readonly (readonly [string, string])[] | undefined
  readonly subjectType: string
  /** Expression; undefined: `caller.sub`. */
  readonly subject: string | undefined
  /** Name → expression. */
  readonly context: readonly (readonly [string, string])[]
  readonly deadline: number
  readonly cache: number
  readonly batch: number
  /** Overrides the rule's mode. */
  readonly mode: Mode | undefined
}

export interface SealConfig {
  /** `observe`: ids that do not open are taken as they are, and noted. */
  readonly mode: 'enforce' | 'observe'
}

export interface SealingConfig {
  /** The first seals, all open. */
  readonly keys: readonly Secret[]
}

export interface LearnConfig {
  /** Overrides the rule's mode. */
  readonly mode: Mode | undefined
  readonly kind: 'shared' | 'private' | 'public-read'
  /** Milliseconds. */
  readonly expiry: number
  /** Selectors of the operations whose replies give objects; empty: all. */
  readonly from: readonly string[]
  /** Requests within a day for objects that were not given, from which on each is an alert. */
  readonly alert: number
  /** The same, from which on they are answered 429; undefined: never. */
  readonly lock: number | undefined
}

export interface PropertyConfig {
  /** `Schema.property`, key under `properties:`. */
  readonly name: string
  /** Expression, or `never`. */
  readonly read: string | undefined
  readonly write: string | undefined
  readonly onRefused: 'remove' | 'refuse' | 'drop' | undefined
  /** Overrides the mode of the control. */
  readonly mode: Mode | undefined
  readonly pointer: string
}
