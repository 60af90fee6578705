import type { Place } from '../../kernel/finding.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { Operation } from '../../kernel/operation.ts'

/** What a security scheme of the contract means here. */
export interface SchemePolicy {
  /** Names of the issuers (as in `principal.issuer`) whose callers satisfy it; `public`: it asks for nothing. */
  readonly issuers: ReadonlySet<string> | 'public'
  /** Only a token that is bound to a key satisfies it (the scheme `http dpop`). */
  readonly bound?: boolean
  /** `mutualTLS`: a verified client certificate on the connection satisfies it. */
  readonly certificate: boolean
  /**
   * What the names beside it are: scopes (`oauth2`, `openIdConnect`), or for the other types scopes or roles
   * (OpenAPI 3.1, Security Requirement Object).
   */
  readonly names: 'scopes' | 'scopes-or-roles'
}

/** `functions:` – the caller may call these operations only where `allow` is true. */
export interface FunctionRule {
  /** Slots of the operations that the selector selected. */
  readonly operations: readonly number[]
  /** Condition over `caller`, `path`, `query`, `header`, `cookie`, `body`, `request`. */
  readonly allow: string
  readonly place: Place
  /** Overrides the mode of the `function` control. */
  readonly mode?: Mode
}

/** `objects:` – the caller may touch only their own objects of this type. */
export interface ObjectRule {
  /** Object type, the key under `objects:`. */
  readonly name: string
  /**
   * Where the id is: `path.userId`, `query.userId`, `header['x-user']`, `cookie.user`, `body.user.id`,
   * `body.items[*].id`, or an expression that gives an id or a list of ids.
   */
  readonly id: string
  /** Expression that gives the owner; must equal `subject`. */
  readonly owner: string | undefined
  /** Expression that lets others in as well; may read `object.id` and `object.owner`. */
  readonly allow: string | undefined
  /** Who the owner must be. Default `caller.sub`. */
  readonly subject?: string
  /** Only subjects of this issuer own objects; without it the subjects of all issuers are one name space. */
  readonly issuer?: string
  /** Slots; undefined: every operation of the API that has the parameter which `id` reads. */
  readonly operations: readonly number[] | undefined
  readonly place: Place
  /** Places of the single expressions, where they are known. */
  readonly at?: Readonly<Partial<Record<'id' | 'owner' | 'allow' | 'subject', Place>>>
  /** Overrides the mode of the `object` control. */
  readonly mode?: Mode
}

export interface ApiPolicy {
  readonly name: string
  readonly operations: readonly Operation[]
  /** By name of the scheme. A scheme that is not listed satisfies nobody. */
  readonly schemes: ReadonlyMap<string, SchemePolicy>
  /**
   * Slots of the operations that are declared public (`security: []`) or written open in the configuration. An
   * operation without security that is not listed is closed, unless a function rule allows the call.
   */
  readonly open: ReadonlySet<number>
  readonly modes: Readonly<Record<'scope' | 'function' | 'object', Mode>>
  readonly functions: readonly FunctionRule[]
  readonly objects: readonly ObjectRule[]
}

export interface AuthorizeOptions {
  readonly apis: readonly ApiPolicy[]
}
