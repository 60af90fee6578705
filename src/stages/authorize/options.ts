import type { Clock } from '../../kernel/clock.ts'
import type { Identified, Inspected } from '../../kernel/facts.ts'
import type { Place } from '../../kernel/finding.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { ParsedReply } from '../../kernel/reply-proof.ts'
import type { Denial } from '../../kernel/verdict.ts'

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
  /** Only subjects of these issuers own objects, as one name space; without it those of all are one, and that is named. */
  readonly issuers?: readonly string[]
  /** Slots; undefined: every operation of the API that has the parameter which `id` reads. */
  readonly operations: readonly number[] | undefined
  readonly place: Place
  /** Places of the single expressions, where they are known. */
  readonly at?: Readonly<Partial<Record<'id' | 'owner' | 'allow' | 'subject', Place>>>
  /** Overrides the mode of the `object` control. */
  readonly mode?: Mode
  /** Slot of the GET operation that shows an object's owner before a write. */
  readonly read?: number
  /** Component schema of these objects in replies; by default that of what `read` answers. */
  readonly schema?: string
  /** What becomes of foreign elements of a list: taken out (default), or they refuse the reply. */
  readonly list?: 'filter' | 'refuse'
  /** Status of a refusal: 403 (default), or 404 `AUTHORIZE_NOT_FOUND`. */
  readonly hidden?: 403 | 404
}

/** `properties:` – who may read and write a property of a component schema, wherever the schema stands. */
export interface PropertyRule {
  /** `User.role` */
  readonly name: string
  readonly schema: string
  /** Condition over `caller`, `path`, `query`, `header`, `cookie`, `request`, `object`, and `response` (the object
   * that the property stands in); or `never`. Undefined: everybody. */
  readonly read: string | undefined
  /** Likewise, with `body` for the whole body instead of `response`. */
  readonly write: string | undefined
  /** `remove` (default): taken out of replies, a write is refused. `refuse`: both are refused. `drop`: both go. */
  readonly onRefused?: 'remove' | 'refuse' | 'drop'
  /** Slots of the operations whose body or reply uses the schema. */
  readonly operations: ReadonlySet<number>
  readonly place: Place
  readonly at?: Readonly<Partial<Record<'read' | 'write', Place>>>
  /** Overrides the mode of the `property` control. */
  readonly mode?: Mode
}

/** What was read of an object before a write. */
export interface ReadReply extends ParsedReply {
  readonly status: number
  /** False: the reply is not JSON, and `value` says nothing. */
  readonly json: boolean
}

/** Reads an object with the caller's own credentials, before a write to it is forwarded. */
export interface ObjectReader {
  /**
   * Sends the GET of `operation`; `params` are its path parameters, undefined: the call's own target. Refuses with
   * `FORWARD_UNREACHABLE`, `FORWARD_TIMEOUT`, `FORWARD_MALFORMED`, `SCREEN_TOO_LARGE`.
   */
  read(
    call: Inspected,
    operation: Operation,
    params: Readonly<Record<string, string>> | undefined,
  ): Promise<ReadReply | Denial>
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
  readonly modes: Readonly<Record<'scope' | 'function' | 'object' | 'property', Mode>>
  readonly functions: readonly FunctionRule[]
  readonly objects: readonly ObjectRule[]
  /** Object rules that others decide: they only close what would otherwise be named as an open door. */
  readonly elsewhere?: readonly ObjectRule[]
  /** The number of a guard in this API's contract is the place of its rule in this list. */
  readonly properties: readonly PropertyRule[]
  /**
   * Writes the `WWW-Authenticate` of a refusal as the caller's scheme has it; `parameters` are further ones of its error,
   * ready to be written. Undefined: as Bearer alone.
   */
  readonly challenge?: (call: Identified, denial: Denial, parameters?: string) => Denial
}

export interface AuthorizeOptions {
  readonly apis: readonly ApiPolicy[]
  /** Undefined: nothing can be read before a write, which is then refused. */
  readonly reader?: ObjectReader
  /** How long an owner that was read is believed, in milliseconds. Default 2,000; 0: never. */
  readonly ownerCacheMs?: number
  readonly clock?: Clock
}
