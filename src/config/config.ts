import type { QuotaSpec, WindowSpec } from '../kernel/limit-store.ts'
import type { Control, Mode } from '../kernel/mode.ts'
import type { RateSpec } from '../kernel/ports.ts'
import type { Secret } from './secret.ts'
import type { PostgresConfig } from './values/postgres-address.ts'
import type { RedisConfig } from './values/redis-address.ts'

/**
 * `sallyport.yaml`, read: defaults filled, paths absolute, durations in milliseconds, sizes in bytes. Deep-frozen.
 * Every `pointer` is the JSON pointer of the entry in the file, for `LoadedConfig.place`.
 */
export interface Config {
  readonly listen: readonly ListenConfig[]
  readonly admin: AdminConfig | undefined
  /** Canonical CIDR blocks. */
  readonly trustedProxies: readonly string[]
  /** Threads that serve calls; 1: the main thread does. */
  readonly workers: number
  /** Absolute name of the folder for what the gateway makes itself: development certificates, keys. */
  readonly state: string
  readonly store: StoreConfig
  readonly timeouts: TimeoutConfig
  readonly bounds: BoundConfig
  readonly log: LogConfig
  readonly overload: OverloadConfig
  readonly issuers: readonly IssuerConfig[]
  /** API keys that the gateway issues; undefined where there are none. */
  readonly keys: ApiKeyConfig | undefined
  /** Callers by client certificate; undefined where there are none. */
  readonly certificates: CertificatesConfig | undefined
  /** The embedded authorization server; undefined where there is none. */
  readonly authority: AuthorityConfig | undefined
  /** Keys of sealed ids; undefined: one is made in the state folder. */
  readonly sealing: SealingConfig | undefined
  /** What is noticed beside what single calls show. */
  readonly anomalies: AnomalyConfig
  /** Where audit events go beside the durable store, and how long they are kept. */
  readonly audit: AuditConfig
  /** OpenTelemetry traces; undefined: none. */
  readonly traces: TracesConfig | undefined
  readonly apis: readonly ApiConfig[]
}

export interface AuditConfig {
  readonly sinks: readonly AuditSinkConfig[]
  /** Milliseconds, events, bytes; undefined: no bound. */
  readonly retention: {
    readonly age: number | undefined
    readonly events: number | undefined
    readonly size: number | undefined
  }
  readonly pointer: string
}

interface AuditSinkCommon {
  /** In metrics and messages; no two have the same. */
  readonly name: string
  readonly format: 'events' | 'ocsf'
  /** Events in one write. */
  readonly batch: number
  /** Events that may wait. */
  readonly queue: number
  readonly pointer: string
}

/** An http URL is only there where it may be plain. Header names are lower-case; file names absolute. */
export type AuditSinkConfig = AuditSinkCommon &
  (
    | { readonly kind: 'stdout' }
    | {
        readonly kind: 'file'
        readonly file: string
        readonly rotate: { readonly bytes: number; readonly ageMs: number; readonly keep: number } | undefined
      }
    | {
        readonly kind: 'syslog'
        readonly protocol: 'tls' | 'tcp' | 'udp'
        readonly host: string
        readonly port: number
        readonly facility: SyslogFacility
        readonly authorities: string | undefined
        readonly certificate: string | undefined
        readonly key: string | undefined
      }
    | {
        readonly kind: 'otlp'
        readonly url: string
        readonly plain: boolean
        readonly headers: ReadonlyMap<string, Secret>
      }
    | {
        readonly kind: 'webhook'
        readonly url: string
        readonly plain: boolean
        readonly headers: ReadonlyMap<string, Secret>
        readonly secret: Secret | undefined
      }
  )

export type SyslogFacility =
  | 'daemon'
  | 'auth'
  | 'syslog'
  | 'authpriv'
  | 'audit'
  | `local${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}`

export interface TracesConfig {
  readonly url: string
  readonly plain: boolean
  readonly headers: ReadonlyMap<string, Secret>
  /** Share of traces that are kept, 0 to 1. */
  readonly ratio: number
  /** `respect`: a caller's own choice to sample counts, too. */
  readonly callers: 'ignore' | 'respect'
  readonly service: string
  readonly batch: number
  readonly queue: number
  readonly pointer: string
}

export interface AnomalyConfig {
  readonly watch: boolean
  /** Kind of finding → milliseconds for which its subject is refused. */
  readonly block: ReadonlyMap<string, number>
  /** Kind of finding → milliseconds for which its caller must have authenticated since. */
  readonly stepUp: ReadonlyMap<string, number>
  /** Kind of finding → milliseconds for which what its caller was issued before is refused. */
  readonly revoke: ReadonlyMap<string, number>
  readonly webhook: { readonly url: string; readonly secret: Secret | undefined } | undefined
  readonly pointer: string
}

export interface ListenConfig {
  /** As written, `127.0.0.1:8080`. */
  readonly address: string
  /** Without brackets. */
  readonly host: string
  /** 0: the kernel chooses. */
  readonly port: number
  readonly kind: 'plain' | 'tls' | 'redirect'
  /** Present where `kind` is `tls`. */
  readonly tls: TlsConfig | undefined
  /** `plaintext: allow` is written. */
  readonly plaintext: boolean
  /** Answers the questions of another data plane instead of forwarding. */
  readonly decide: 'nginx' | 'forward-auth' | 'envoy' | 'envoy-grpc' | undefined
  /** Present where `kind` is `redirect`: port of the https listener that callers are sent to. */
  readonly redirectPort: number | undefined
  readonly pointer: string
}

/** Absolute file names; `development` means a local authority made at start. */
export type TlsConfig =
  | { readonly kind: 'development' }
  | {
      readonly kind: 'files'
      readonly certificate: string
      readonly key: string
      /** Authorities of client certificates; a client certificate is asked for where it is set. */
      readonly clientAuthorities: string | undefined
      /** Revocation lists of those authorities. */
      readonly clientRevocations: string | undefined
    }

export interface AdminConfig {
  readonly address: string
  readonly host: string
  readonly port: number
  /** Bearer token that every route but health then needs; present wherever `host` is not loopback. */
  readonly token: Secret | undefined
  /** Names besides loopback's under which it may be asked. */
  readonly hosts: readonly string[]
  /** What coming from this machine is worth by itself. */
  readonly loopback: 'none' | 'viewer' | 'operator' | 'administrator'
  /** Whose people sign in, besides the accounts of the embedded server. */
  readonly people: AdminPeopleConfig | undefined
  /** Role names of accounts and tokens that give a role here. */
  readonly roles: Readonly<Record<'viewer' | 'operator' | 'administrator', readonly string[]>>
  readonly pointer: string
}

/** An external issuer of the console's users. */
export interface AdminPeopleConfig {
  /** Name of the issuer in the configuration. */
  readonly issuer: string
  /** `aud` of access tokens for the admin API; undefined: none is taken. */
  readonly audience: string | undefined
  /** The console as a client there; undefined: nobody signs in with its page. */
  readonly client: { readonly id: string; readonly secret: Secret | undefined } | undefined
}

export interface StoreConfig {
  /** `file` is absolute, or `:memory:`. */
  readonly durable:
    | { readonly kind: 'sqlite'; readonly file: string }
    | { readonly kind: 'none' }
    | PostgresConfig
  readonly shared: { readonly kind: 'memory' } | RedisConfig
}

/** Milliseconds. */
export interface TimeoutConfig {
  /** Until a request's head is complete. */
  readonly headers: number
  /** Until a request's body is complete. */
  readonly body: number
  /** How long an idle connection is kept. */
  readonly idle: number
  /** How long calls may take to end when the gateway stops. */
  readonly drain: number
}

/** What the whole gateway takes at most. Bytes and counts. */
export interface BoundConfig {
  readonly connections: number
  readonly connectionsPerAddress: number
  readonly target: number
  readonly headers: number
  readonly headerCount: number
  /** Slowest pace of a request body, bytes a second. */
  readonly bodyPace: number
  /** Streams at once on one HTTP/2 connection. */
  readonly streams: number
}

/** Milliseconds and shares from 0 to 1. */
export interface OverloadConfig {
  readonly mode: 'enforce' | 'observe' | 'off'
  readonly eventLoop: number
  readonly memory: number
  readonly waiting: number
  readonly wait: number
  readonly concurrency: { readonly least: number; readonly tolerance: number }
  readonly breaker:
    | { readonly failures: number; readonly calls: number; readonly open: number; readonly probes: number }
    | undefined
  readonly retries: number
}

/** How much operations matter when not all calls can be served. */
export interface PriorityConfig {
  readonly for: readonly string[]
  readonly class: 'critical' | 'normal' | 'low'
  readonly pointer: string
}

export interface LogConfig {
  /** Where audit events go as JSON lines; a file name is absolute. */
  readonly events:
    | { readonly kind: 'stdout' | 'stderr' | 'none' }
    | { readonly kind: 'file'; readonly file: string }
}

export type Algorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'
  | 'HS256'
  | 'HS384'
  | 'HS512'

export type KeyConfig =
  /** Those of the embedded authorization server, in memory. */
  | { readonly kind: 'authority' }
  | { readonly kind: 'discovery' }
  | { readonly kind: 'jwks-url'; readonly url: string }
  | { readonly kind: 'jwks-file'; readonly file: string }
  | { readonly kind: 'public-key'; readonly file: string }
  | { readonly kind: 'secret'; readonly secret: Secret }

/** How tokens of an issuer are judged. */
export type TokenConfig =
  | { readonly kind: 'jwt' }
  | {
      readonly kind: 'introspection'
      readonly url: string
      readonly clientId: string
      readonly clientSecret: Secret
    }

export interface ApiKeyConfig {
  /** Lower-case name of the field that carries a key. */
  readonly header: string
  readonly pointer: string
}

/** Times in milliseconds. */
export interface AuthorityConfig {
  /** Exact, without a slash at its end. */
  readonly issuer: string
  /** Audiences of its tokens where no issuer with `keys: authority` is written. */
  readonly audience: readonly string[]
  readonly name: string
  /** base64url of 32 bytes or more; undefined: a file of the state folder. */
  readonly encryptionKey: Secret | undefined
  /** Age at which signing keys are replaced. */
  readonly rotate: number
  /** Scope → words for the consent page. */
  readonly scopes: readonly (readonly [string, string])[]
  readonly dpopNonce: 'off' | 'required'
  readonly lifetimes: {
    readonly accessToken: number
    readonly refreshToken: number
    readonly grant: number
    readonly sessionIdle: number
    readonly session: number
  }
  /** Roles of those who register themselves. */
  readonly roles: readonly string[]
  /** Absolute file names. */
  readonly theme: { readonly css: string | undefined; readonly logo: string | undefined }
  /** Whom the server may call at addresses that are not public (`host:port`, CIDR); file of authorities to trust. */
  readonly outbound: { readonly allow: readonly string[]; readonly authorities: string | undefined }
  /** Undefined: mails are kept for a page in development, and fail elsewhere. */
  readonly mail: MailConfig | undefined
  readonly pointer: string
}

export interface MailConfig {
  /** URL of the mail server, with its credentials. */
  readonly smtp: Secret
  readonly from: string
}

export interface CertificatesConfig {
  /** What of a certificate is the caller's id. */
  readonly subject: 'san.uri' | 'san.dns' | 'san.email' | 'subject.cn' | 'subject'
  /** SPIFFE trust domain that every id must be of. */
  readonly trustDomain: string | undefined
  readonly pointer: string
}

/** How, and how recently, callers of some operations must have authenticated. */
export interface AuthenticationConfig {
  /** Selectors, as written. */
  readonly for: readonly string[]
  readonly maxAge: number | undefined
  readonly acr: readonly string[] | undefined
  readonly amr: readonly string[] | undefined
  readonly pointer: string
}

export interface IssuerConfig {
  /** Key under `issuers:`. */
  readonly name: string
  /** Exact `iss` claim. */
  readonly issuer: string
  /** One of these must be in `aud`. */
  readonly audience: readonly string[]
  /** Empty where tokens are opaque. */
  readonly algorithms: readonly Algorithm[]
  readonly keys: KeyConfig
  readonly tokens: TokenConfig
  /** Accepted `typ`, lower-case, without `application/`; `none` stands for a token without `typ`. */
  readonly types: readonly string[]
  /** Claim names. */
  readonly subject: string
  readonly roles: string
  readonly scopes: string
  readonly client: string
  readonly clockTolerance: number
  /** Whether bare tokens are taken, or only those bound to a key, with a proof (RFC 9449). */
  readonly dpop: 'allowed' | 'required'
  /** Whether proofs must hold a nonce of the gateway. */
  readonly dpopNonce: 'off' | 'required'
  /** How long a fetched key set is used before it is fetched again, and how long one may serve when that fails. */
  readonly keysFresh: number
  readonly keysStale: number
  /** File of a private key (PEM or JWK) for `sallyport token`; development only. */
  readonly signingKey: string | undefined
  readonly pointer: string
}

export type CredentialMode = 'forward' | 'strip' | 'assert'

export interface UpstreamConfig {
  /** http or https, no userinfo, no query, no fragment, no slash at the end. */
  readonly url: string
  /** Until the reply head. */
  readonly timeout: number
  readonly connectTimeout: number
  /** Between two pieces of a body, either way. */
  readonly idleTimeout: number
  /** The whole exchange; event streams and tunnels have no such end. */
  readonly totalTimeout: number
  readonly credentials: CredentialMode
  /** Whether `Sallyport-Identity` is sent. */
  readonly identity: boolean
  readonly retries: 0 | 1
  readonly connections: number
  readonly tls: {
    /** Absolute file name. */
    readonly authorities: string | undefined
    readonly serverName: string | undefined
  }
  readonly pointer: string
}

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

/** What kind of text the replies of operations hold. */
export interface ContentConfig {
  readonly for: readonly string[]
  readonly trust: 'trusted' | 'internal' | 'user-generated' | 'external'
  readonly mode: 'observe' | 'mark' | 'redact' | 'block'
  readonly hosts: readonly string[]
  readonly envelope: boolean
  /** `full`: streams are read whole before a byte of them leaves. */
  readonly buffer: 'full' | undefined
  /** Key under `detectors:`. */
  readonly detector: string | undefined
  readonly pointer: string
}

export interface SecretsConfig {
  readonly action: 'redact' | 'block'
  readonly kinds: readonly (
    | 'private-key'
    | 'cloud-key'
    | 'token'
    | 'connection-string'
    | 'card-number'
    | 'iban'
    | 'national-id'
  )[]
  /** Selectors. */
  readonly except: readonly string[]
  readonly pointer: string
}

export interface TaintConfig {
  readonly mode: Mode
  readonly approval: string | undefined
  readonly per: 'caller' | 'session'
  readonly expiry: number
  readonly pointer: string
}

/** Another detector of instructions, behind HTTP. */
export interface DetectorConfig {
  readonly name: string
  readonly kind: 'http' | 'azure-prompt-shields'
  readonly url: string
  readonly key: string | undefined
  /** Milliseconds. */
  readonly deadline: number
  readonly onFault: 'open' | 'closed'
  readonly pointer: string
}

/** What is particular to an MCP server. */
export interface McpConfig {
  readonly pins: Mode
  /** Milliseconds in which a stream must come to its answer. */
  readonly answerWithin: number
  /** What the server may ask of clients and users. */
  readonly requests: {
    readonly forms: boolean
    readonly urls: readonly string[]
    readonly sampling: boolean
    readonly roots: boolean
  }
  /** In the order of the file. */
  readonly tools: readonly {
    readonly name: string
    readonly scopes: readonly string[]
    readonly roles: readonly string[]
    readonly never: boolean
  }[]
}

/** Operations of an API that agents may call as tools. */
export interface ExposeConfig {
  /** Below the base path. */
  readonly path: string
  /** Selectors; besides those that the contract marks with `x-sallyport: { expose: mcp }`. */
  readonly operations: readonly string[]
  /** Scopes that destructive operations need besides their own. */
  readonly approval: readonly string[]
  /** Selectors of operations that are not destructive although their method may change something. */
  readonly safe: readonly string[]
  readonly pins: Mode
  readonly instructions: string | undefined
  readonly pointer: string
}

export interface FlowConfig {
  /** Key under `flows:`. */
  readonly name: string
  /** Selectors of each step. */
  readonly steps: readonly (readonly string[])[]
  /** Milliseconds. */
  readonly pace: number
  readonly within: number
  /** Overrides the mode of the control `function`. */
  readonly mode: Mode | undefined
  readonly pointer: string
}

/** How much there is; a limit has one of these or several. */
export interface LimitAmounts {
  readonly rate: RateSpec | undefined
  readonly window: WindowSpec | undefined
  readonly quota: QuotaSpec | undefined
  readonly concurrent: number | undefined
  readonly throttle: RateSpec | undefined
}

export interface LimitConfig extends LimitAmounts {
  readonly for: readonly string[]
  readonly name: string | undefined
  /** `caller`, `client`, `ip`, `credential`, `api`, or expressions. */
  readonly per: readonly string[]
  readonly methods: 'safe' | 'unsafe' | undefined
  /** Calls of one key that wait; undefined: as many as `throttle` says. */
  readonly queue: number | undefined
  /** Milliseconds. */
  readonly delay: number
  /** `calls`: a number or an expression; `reply`: bytes that cost 1. */
  readonly cost: { readonly calls: number | string; readonly reply: number | undefined } | undefined
  readonly tiers: readonly LimitTierConfig[]
  /** Statuses of the calls that count; undefined: all calls do. */
  readonly failures: readonly number[] | undefined
  /** Milliseconds. */
  readonly lock: number | undefined
  /** Overrides the mode of the control. */
  readonly mode: Mode | undefined
  readonly onFault: 'local' | 'deny' | 'allow'
  readonly pointer: string
}

export interface LimitTierConfig extends LimitAmounts {
  readonly when: string
  readonly pointer: string
}

export interface CorsConfig {
  /** Exact origins, or `*` alone. */
  readonly origins: readonly string[]
  readonly credentials: boolean
  readonly headers: readonly string[]
  readonly expose: readonly string[]
  readonly maxAge: number
}

/** How attacks in values are looked for. */
export interface InjectionConfig {
  readonly threshold: 'strict' | 'balanced' | 'lenient'
  /** Looks that a scan may take at each byte. */
  readonly effort: number
  /** Thresholds of single operations; the first that selects one counts. */
  readonly operations: readonly InjectionOperationConfig[]
  readonly exceptions: readonly InjectionExceptionConfig[]
}

export interface InjectionOperationConfig {
  readonly for: readonly string[]
  readonly threshold: 'strict' | 'balanced' | 'lenient'
  readonly pointer: string
}

/** A class of attacks that does not count at one place of the selected operations. */
export interface InjectionExceptionConfig {
  readonly for: readonly string[]
  /** JSON pointer into the request: `/body/comment`, `/query/q`, `/header/x-note`. */
  readonly place: string
  readonly class: InjectionClassName
  readonly reason: string
  readonly pointer: string
}

export type InjectionClassName = (typeof injectionClassNames)[number]

export const injectionClassNames = [
  'sqli',
  'nosqli',
  'cmdi',
  'traversal',
  'ssti',
  'el',
  'xxe',
  'xss',
  'ldapi',
  'xpath',
  'crlf',
  'mail',
  'ssrf',
  'deserialisation',
  'code',
  'prototype',
] as const

/** What one GraphQL request may ask for. */
export interface GraphqlConfig {
  /** Selectors; beside what the contract marks. */
  readonly for: readonly string[]
  readonly depth: number
  readonly aliases: number
  readonly cost: number
  readonly tokens: number
  readonly batch: number
  readonly introspection: boolean
  readonly pointer: string
}

/** What one call may carry: bytes of bodies, and sizes inside a body. */
export interface CallBoundConfig {
  readonly requestBody: number
  readonly responseBody: number
  /** Nesting of JSON. */
  readonly depth: number
  /** Members of one JSON object. */
  readonly keys: number
  /** Elements of one JSON array. */
  readonly items: number
  /** Length of one JSON string as written. */
  readonly string: number
  /** Characters of one JSON number. */
  readonly digits: number
  /** Parts of a multipart body. */
  readonly parts: number
}

export interface ApiConfig {
  /** Key under `apis:`. */
  readonly name: string
  /** Absolute file name of the OpenAPI document. */
  readonly contract: string
  readonly upstream: UpstreamConfig
  /** Lower-case, no port; undefined: every host. */
  readonly host: string | undefined
  /** `/prefix` without a slash at the end; undefined: the path of the contract's first server. */
  readonly basePath: string | undefined
  /** URL by which callers reach the base path, no slash at the end; undefined: as each request says. */
  readonly url: string | undefined
  /** Identifier in the resource metadata (RFC 9728); undefined: the audience where that is a URL, else the URL. */
  readonly resource: string | undefined
  readonly authentication: readonly AuthenticationConfig[]
  /** A bearer, OAuth 2 or OpenID Connect scheme that is not listed means every issuer. */
  readonly security: readonly SecurityConfig[]
  /** Selectors of operations that are open to everybody though the contract says nothing about their security. */
  readonly open: readonly string[]
  readonly mode: 'enforce' | 'observe'
  /** Every control, resolved. */
  readonly controls: Readonly<Record<Control, Mode>>
  /** Properties of replies that the contract does not declare: `enforce` removes them. */
  readonly prune: Mode
  readonly functions: readonly FunctionConfig[]
  readonly objects: readonly ObjectConfig[]
  readonly flows: readonly FlowConfig[]
  /** The first that selects an operation counts. */
  readonly content: readonly ContentConfig[]
  /** Set for `kind: mcp`. */
  readonly mcp: McpConfig | undefined
  /** Set where operations are offered to agents. */
  readonly expose: ExposeConfig | undefined
  readonly secrets: SecretsConfig
  readonly taint: TaintConfig
  readonly detectors: readonly DetectorConfig[]
  readonly properties: readonly PropertyConfig[]
  readonly limits: readonly LimitConfig[]
  readonly priority: readonly PriorityConfig[]
  readonly injection: InjectionConfig
  readonly cors: CorsConfig | undefined
  /** Selectors of operations that may become a WebSocket. */
  readonly websocket: readonly string[]
  readonly graphql: GraphqlConfig
  readonly bounds: CallBoundConfig
  readonly pointer: string
}
