import type { AuditEvent } from '../kernel/event.ts'

/** What the admin API answers: the console imports these types and nothing else. */

/** `GET /api/v1/events` */
export interface EventsReply {
  /** Newest first. */
  readonly events: readonly AuditEvent[]
  /** Pass as `before` for the next page; null at the end. */
  readonly next: string | null
}

/** Something that was noticed in the patterns of calls. */
export interface FindingReply {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly kind: string
  readonly subject: { readonly kind: string; readonly key: string }
  /** 0 to 1. */
  readonly score: number
  /** One sentence. */
  readonly summary: string
  readonly evidence: Readonly<Record<string, number | string>>
  /** Request ids of the last calls that made it. */
  readonly events: readonly string[]
  /** `blocked`: its subject is refused now. */
  readonly state: 'open' | 'acknowledged' | 'blocked' | 'resolved'
  /** What was done about it, oldest first. */
  readonly responses: readonly FindingResponse[]
  /** What `respond` can do about it. */
  readonly actions: readonly FindingAction[]
}

/** `GET /api/v1/findings?kind=&state=&limit=`; `GET /api/v1/findings/{id}` is one `FindingReply`. */
export interface FindingsReply {
  readonly findings: readonly FindingReply[]
}

export interface BlockReply {
  /** For `DELETE /api/v1/blocks/{id}`. */
  readonly id: string
  readonly subject: { readonly kind: string; readonly key: string }
  /** Kind of the finding; `by-hand` for one of `POST blocks`. */
  readonly kind: string
  /** Milliseconds since the epoch. */
  readonly until: number
  /** Who blocked it and why; empty where it was the gateway itself. */
  readonly by: string
  readonly reason: string
}

/** `GET /api/v1/blocks` */
export interface BlocksReply {
  readonly blocks: readonly BlockReply[]
}

/** Something with a name that no contract declares. */
export interface UndocumentedReply {
  /** Name of a query parameter, or JSON pointer of a property; `*` where it may have been a value. */
  readonly name: string
  readonly in: 'query' | 'request' | 'reply'
  /** Type that was seen: `integer`, `uuid`, `string` … */
  readonly type: string
  readonly calls: number
}

/** What the inventory knows of an operation, declared or not. Times are RFC 3339; null where it was never called. */
export interface InventoryItem {
  readonly api: string
  readonly method: string
  /** Path template below the API's base path. */
  readonly template: string
  readonly calls: number
  readonly refused: number
  readonly firstSeen: string | null
  readonly lastSeen: string | null
  /** Different callers, within some seven per cent. */
  readonly callers: number
  readonly statuses: Readonly<Record<string, number>>
  /** How callers showed who they are: kind → calls. */
  readonly authentication: Readonly<Record<string, number>>
}

export interface InventoryOperation extends InventoryItem {
  readonly id: string
  readonly deprecated: boolean
  /** `never-called`, `seen`, `deprecated-in-use`. */
  readonly state: 'never-called' | 'seen' | 'deprecated-in-use'
  /** Alternatives that the contract asks for; empty: it asks for none. */
  readonly declaredAuthentication: readonly (readonly string[])[]
  readonly undocumented: readonly UndocumentedReply[]
  /** Classes of sensitive data, and where they were seen. */
  readonly data: readonly {
    readonly class: string
    readonly in: 'request' | 'reply' | 'query'
    readonly pointer: string
    readonly calls: number
  }[]
}

/** An operation that is called and that no contract declares. */
export interface ShadowOperation extends InventoryItem {
  /** `client`: callers showed credentials. `scanner`: none did. */
  readonly likely: 'client' | 'scanner'
  readonly parameters: readonly UndocumentedReply[]
  readonly mediaTypes: Readonly<Record<string, number>>
  /** A path item for the contract, drafted from shapes. */
  readonly draft: Readonly<Record<string, unknown>>
}

/** An operation in a line: what tables show. Details stand in `operations` and `shadow`. */
export interface InventoryRow {
  readonly api: string
  /** Null where no contract declares it. */
  readonly operation: string | null
  readonly method: string
  /** Template; inferred for what is not declared. */
  readonly path: string
  readonly state: 'called' | 'never-called' | 'deprecated' | 'shadow'
  readonly calls: number
  readonly callers: number
  /** Kinds of credential that were shown. */
  readonly authentication: readonly string[]
  /** `query debug`, `request /isAdmin` … */
  readonly undocumented: readonly string[]
  readonly dataClasses: readonly string[]
  readonly lastSeen: string | null
  /** A path item for the contract, JSON, for what is not declared. */
  readonly draft?: string
}

/** `GET /api/v1/inventory` */
export interface InventoryReply {
  readonly at: string
  /** Since when calls are counted; null: none was seen. */
  readonly since: string | null
  readonly summary: {
    readonly declared: number
    readonly seen: number
    readonly neverCalled: number
    readonly deprecatedInUse: number
    readonly shadow: number
    readonly undocumented: number
    readonly sensitive: number
  }
  /** All of them in short. */
  readonly items: readonly InventoryRow[]
  readonly operations: readonly InventoryOperation[]
  readonly shadow: readonly ShadowOperation[]
}

/** `GET /healthz` */
export interface HealthReply {
  readonly status: 'ok'
}

/** `GET /readyz`; 503 where `ready` is false. */
export interface ReadinessReply {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

/** Every refusal (RFC 9457). */
export interface ProblemReply {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  /** The request id, also in `X-Request-Id`. */
  readonly instance: string
  /** For `ADMIN_QUERY`: which query parameters are wrong, and how. */
  readonly errors?: readonly { readonly parameter: string; readonly code: string }[]
  /** For `ADMIN_INPUT`: which members of the body are wrong (JSON Pointer), and how. */
  readonly members?: readonly { readonly pointer: string; readonly code: string }[]
  /** For `ADMIN_UNAUTHENTICATED`: how to sign in here. */
  readonly signIn?: SignInWays
}

/** A page of a list whose order does not change while it is read. */
export interface ItemsReply<T> {
  readonly items: readonly T[]
  /** Pass as `after` for the next page; absent at the end. */
  readonly next?: string
}

// -- Session ------------------------------------------------------------------------------------------------------

/** viewer: sees everything · operator: also responds to findings, blocks, unlocks, revokes · administrator: all. */
export type AdminRole = 'viewer' | 'operator' | 'administrator'

/** How one may sign in, as far as configured. */
export interface SignInWays {
  /** The page of the embedded server or of the external issuer: `POST session { kind: 'start' }` says where. */
  readonly account: boolean
  /** The token of `admin.token`, or one of the external issuer: `POST session { kind: 'token', token }`. */
  readonly token: boolean
  /** The link that was printed at the start, `/#setup=TOKEN`: `POST session { kind: 'setup', token }`. */
  readonly setup: boolean
}

/** `GET /api/v1/session`; 401 with `signIn` where nobody is signed in. */
export interface SessionReply {
  readonly name: string
  readonly role: AdminRole
  readonly via: 'loopback' | 'token' | 'account' | 'issuer' | 'setup'
  /** Goes into `X-CSRF` with everything but GET and HEAD. */
  readonly csrf: string
  /** RFC 3339; absent where nothing ends. */
  readonly expires?: string
  /** More ways in, for who is here by loopback alone. */
  readonly signIn: SignInWays
}

/**
 * `POST /api/v1/session`. `start` gives `StartReply`, all others the `SessionReply` and a cookie. The page then opens
 * `authorize`; it comes back to `/` with `?code=…&state=…` (or `?error=…`), which go into `code`.
 */
export type SessionRequest =
  | { readonly kind: 'setup'; readonly token: string }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'start' }
  | { readonly kind: 'code'; readonly code: string; readonly state: string }

export interface StartReply {
  /** Where the browser goes. */
  readonly authorize: string
}

/** What a mutation without a reply of its own gives. `DELETE /api/v1/session`: `signed-out`. */
export interface DoneReply {
  readonly done: string
}

// -- Overview -----------------------------------------------------------------------------------------------------

export type OverviewWindow = '15m' | '1h' | '24h'

/** `GET /api/v1/overview?window=15m|1h|24h`, and the stream's `overview` messages (15m). */
export interface OverviewReply {
  /** RFC 3339. */
  readonly at: string
  readonly windowSeconds: number
  readonly bucketSeconds: number
  /** Oldest first, without gaps. */
  readonly buckets: readonly OverviewBucket[]
  /** Most first. */
  readonly refusalsByStage: readonly { readonly stage: string; readonly count: number }[]
  /** Milliseconds; null where there was no call. */
  readonly latency: {
    /** What the gateway itself took. */
    readonly gateway: Percentiles | null
    /** With the upstream. */
    readonly total: Percentiles | null
  }
  /** Most calls first, at most ten. */
  readonly topCallers: readonly TopCaller[]
  readonly topOperations: readonly TopOperation[]
  readonly openFindings: number
  readonly posture: Posture
  /** True where the numbers do not go back as far as the window, since the gateway started later. */
  readonly partial: boolean
}

export interface OverviewBucket {
  /** Begin, RFC 3339. */
  readonly at: string
  readonly allowed: number
  readonly denied: number
  /** Passed, though a check that only watches would have refused it. Also counted in `allowed`. */
  readonly observed: number
  /** 5xx to the caller. Also counted in `allowed` or `denied`. */
  readonly errors: number
}

export interface Percentiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

export interface TopCaller {
  readonly sub: string
  readonly issuer: string
  readonly calls: number
  readonly denied: number
}

export interface TopOperation {
  readonly api: string
  readonly operation: string
  readonly calls: number
  readonly denied: number
}

/** Cells of the coverage table that a rule should guard. */
export interface Posture {
  /** 0 to 100. */
  readonly score: number
  readonly enforced: number
  readonly observed: number
  readonly missing: number
}

// -- Events -------------------------------------------------------------------------------------------------------

/** `GET /api/v1/events/{id}`: the event, what every check said, and why it was refused. */
export interface EventReply extends AuditEvent {
  readonly checks: readonly CheckReply[]
  /** One sentence; null where it was not refused. */
  readonly why: string | null
  /** Ids of findings that name this call. */
  readonly findings: readonly string[]
}

export interface CheckReply {
  readonly stage: string
  /** `authorize.object`, `limit.rate` … */
  readonly check: string
  /** The column of the coverage table that it belongs to; null where none does. */
  readonly control: string | null
  readonly verdict: 'allow' | 'deny' | 'abstain'
  readonly code: string | null
  /** It only watches: `deny` did not refuse. */
  readonly observed: boolean
  readonly reason: string | null
  /** Microseconds from the check or the beginning of the stage before it; null where that is not known. */
  readonly micros: number | null
}

/**
 * `GET /api/v1/stream`, `text/event-stream`. Messages: `event` (StreamedEvent), `finding` (FindingReply), `overview`
 * (OverviewReply, every 5 s), `lost` ({ count }: not sent because the reader was slow). `id:` is the place to go on from
 * (`Last-Event-ID`). Comment lines keep it open.
 */
export interface StreamMessages {
  readonly event: AuditEvent
  readonly finding: FindingReply
  readonly overview: OverviewReply
  readonly lost: { readonly count: number }
}

// -- Findings and blocks ------------------------------------------------------------------------------------------

/** `POST /api/v1/findings/{id}/respond` (operator). Gives the `FindingReply` as it is then. */
export interface RespondRequest {
  /**
   * `block` refuses its subject for `minutes`, `release` ends that; `revoke` takes back all that the caller or the
   * credential was issued; `step-up` refuses the caller for `minutes` until it has signed in anew (RFC 9470).
   */
  readonly action: FindingAction
  /** 1 to 525600; for `block`, default 60. */
  readonly minutes?: number
  /** For the record. */
  readonly reason: string
}

export type FindingAction = 'acknowledge' | 'block' | 'release' | 'revoke' | 'step-up'

/** What was done about a finding, oldest first. */
export interface FindingResponse {
  /** RFC 3339. */
  readonly at: string
  readonly by: string
  readonly action: FindingAction
  readonly reason: string
}

/** `POST /api/v1/blocks` (operator). Gives the `BlockReply`. */
export interface BlockRequest {
  readonly kind: 'subject' | 'address' | 'credential'
  /** `ISSUER/SUBJECT`, an IP address, or the credential's digest as events have it. */
  readonly value: string
  /** 1 to 525600. */
  readonly minutes: number
  readonly reason: string
}

// -- APIs ---------------------------------------------------------------------------------------------------------

/** `GET /api/v1/apis` */
export type ApisReply = ItemsReply<ApiReply>

export interface ApiReply {
  readonly name: string
  readonly title: string
  readonly version: string
  readonly operations: readonly ApiOperation[]
}

export interface ApiOperation {
  readonly id: string
  readonly method: string
  /** Template with the base path. */
  readonly path: string
  readonly deprecated: boolean
  /** By column of the coverage table: `scope`, `object` … */
  readonly controls: Readonly<Record<string, ApiControl>>
}

export interface ApiControl {
  /** `off`: nothing there to guard. `missing`: there is, and nothing guards it. */
  readonly state: 'enforce' | 'observe' | 'off' | 'missing'
  /** What guards it or why nothing does, in a few words. */
  readonly rule: string
  /** Where it is written: `sallyport.yaml:12:5`; null where it is nowhere. */
  readonly place: string | null
}

/** `GET /api/v1/apis/{name}/contract` */
export interface ContractReply {
  readonly name: string
  readonly file: string
  /** The OpenAPI document as JSON, references unresolved. */
  readonly document: unknown
}

// -- Identities ---------------------------------------------------------------------------------------------------

/** `GET /api/v1/accounts?limit=&after=`; 404 where no server is embedded. */
export type AccountsReply = ItemsReply<AccountReply>

export interface AccountReply {
  /** Subject: the `{id}` of the routes below. */
  readonly id: string
  readonly email: string
  readonly emailVerified: boolean
  readonly name: string | null
  readonly roles: readonly string[]
  readonly disabled: boolean
  readonly secondFactors: readonly string[]
  readonly created: string
}

/** `POST /api/v1/accounts` (administrator) gives `NewAccountReply`; the link chooses the password, good once. */
export interface AccountRequest {
  readonly email: string
  readonly name?: string
  readonly roles: readonly string[]
}

export interface NewAccountReply {
  readonly account: AccountReply
  readonly link: string
  readonly expires: string
}

/** `POST /api/v1/accounts/{id}/roles` (administrator). */
export interface RolesRequest {
  readonly roles: readonly string[]
}

/** `POST /api/v1/accounts/{id}/disable|enable|unlock|sign-out`, `POST keys/{id}/revoke` …: optional body. */
export interface ReasonRequest {
  readonly reason?: string
}

/** `GET /api/v1/principals/{id}`: `{id}` is `ISSUER/SUBJECT`, the slash as `%2F`, or a subject alone. */
export interface PrincipalReply {
  /** Null where the subject alone was asked for. */
  readonly issuer: string | null
  readonly sub: string
  /** RFC 3339; null where no event of it is stored. */
  readonly lastSeen: string | null
  /** Of its newest events, at most 500. */
  readonly recent: {
    readonly calls: number
    readonly denied: number
    /** RFC 3339: the oldest of them; null where there is none. */
    readonly since: string | null
    /** Most calls first. */
    readonly operations: readonly TopOperation[]
    readonly addresses: readonly string[]
    readonly clients: readonly string[]
    /** Different objects that it named. */
    readonly objects: number
  }
  /** Newest first, at most 50. */
  readonly events: readonly AuditEvent[]
  readonly findings: readonly FindingReply[]
  readonly blocks: readonly BlockReply[]
  /** Its account at the embedded server. */
  readonly account: AccountReply | null
}

/** `GET /api/v1/clients`; `POST clients/{id}/disable|enable` */
export type ClientsReply = ItemsReply<ClientReply>

export interface ClientReply {
  readonly id: string
  readonly name: string | null
  readonly disabled: boolean
  readonly grantTypes: readonly string[]
  readonly redirectUris: readonly string[]
  readonly scopes: readonly string[]
  readonly created: string
  readonly updated: string
}

/** `GET /api/v1/keys`; `POST keys/{id}/disable|enable|revoke` */
export type KeysReply = ItemsReply<KeyReply>

export interface KeyReply {
  readonly id: string
  readonly name: string
  readonly owner: string
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly state: 'active' | 'disabled' | 'revoked' | 'expired'
  readonly created: string
  readonly expires: string | null
  readonly lastUsed: string | null
}

/** `POST /api/v1/keys` (administrator) gives `NewKeyReply`. */
export interface KeyRequest {
  readonly name: string
  readonly owner: string
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  /** RFC 3339; absent: no end. */
  readonly expires?: string
}

export interface NewKeyReply {
  readonly key: KeyReply
  /** The key itself: this once, nobody can read it again. */
  readonly text: string
}

/** `GET /api/v1/sessions?account=`; `DELETE sessions/{id}` */
export type SessionsReply = ItemsReply<AccountSession>

export interface AccountSession {
  readonly id: string
  /** Subject of the account. */
  readonly account: string
  /** How it was signed in (RFC 8176). */
  readonly amr: readonly string[]
  readonly created: string
  readonly lastSeen: string
  readonly address: string
  readonly userAgent: string
}

/** `GET /api/v1/locks`; `DELETE locks/{id}` */
export type LocksReply = ItemsReply<LockReply>

export interface LockReply {
  /** Digest of what is locked. */
  readonly id: string
  readonly api: string
  readonly limit: string
  readonly created: string
  readonly until: string
}

/** `POST /api/v1/revocations` (operator); one of `subject`, `client` and `tokenId`. */
export interface RevocationRequest {
  readonly subject?: string
  readonly client?: string
  /** `jti` */
  readonly tokenId?: string
  /** Name of the issuer in the configuration; absent: of every issuer. */
  readonly issuer?: string
  readonly reason: string
}

// -- About --------------------------------------------------------------------------------------------------------

/** `GET /api/v1/about` */
export interface AboutReply {
  readonly version: string
  readonly node: string
  /** RFC 3339 */
  readonly startedAt: string
  readonly dependencies: readonly {
    readonly name: string
    readonly version: string
    readonly licence: string
  }[]
  /** Campaign → whether its claim held and when; absent where no figures lie beside the code. */
  readonly assurance?: Readonly<Record<string, number | string>>
}

/** `GET /api/v1/policy`: the configuration file as it is written. */
export interface PolicyReply {
  readonly text: string
  /** What `If-Match` must say to change it. */
  readonly etag: string
  readonly file: string
  /** When the policy that is in force was loaded (RFC 3339). */
  readonly loadedAt: string
  /** False: what is written is not what is in force (a mistake in it, or no reload yet). */
  readonly inForce: boolean
}

/** Something that `check` says of a policy. */
export interface PolicyFinding {
  readonly rule: string
  readonly severity: 'error' | 'warning' | 'note'
  readonly message: string
  readonly file: string | null
  readonly line: number | null
  readonly column: number | null
  readonly fix: string | null
}

/** `POST /api/v1/policy/check` */
export interface PolicyCheckReply {
  readonly findings: readonly PolicyFinding[]
}

/** `POST /api/v1/policy/dry-run`: recorded calls of the last 24 hours, judged by a changed policy. */
export interface DryRunReply extends PolicyCheckReply {
  /** Calls that were judged; the newest where there are more. */
  readonly calls: number
  readonly same: number
  readonly changed: readonly {
    readonly api: string
    readonly operation: string
    readonly caller: string
    /** `pass`, or a problem code. */
    readonly before: string
    readonly after: string
    readonly count: number
    /** Request id of one of them. */
    readonly example: string
  }[]
  /** Calls that no record can tell about, by what it would need. */
  readonly unknown: readonly { readonly why: string; readonly count: number }[]
}

/** A policy that was in the file. */
export interface PolicyVersion {
  readonly version: number
  readonly at: string
  /** Who wrote it; empty where the file was changed by other means. */
  readonly by: string
  readonly note: string
  readonly etag: string
}

/** `GET /api/v1/policy/promotion`: a check that only watches, and what it would have refused. */
export interface PromotionReply {
  readonly api: string
  /** `inspect.injection`, `authorize.object` … */
  readonly check: string
  /** Calls that it saw. */
  readonly calls: number
  readonly wouldRefuse: number
  /** Callers that it would have refused. */
  readonly callers: number
  /** Operations with most such calls. */
  readonly operations: readonly {
    readonly operation: string
    readonly count: number
    /** Request id of one of them. */
    readonly example: string
  }[]
  /** `enforce`: nothing, or next to nothing, would have been refused over enough calls; `watch` otherwise. */
  readonly advice: 'enforce' | 'watch'
  /** Why, in one sentence. */
  readonly because: string
}
