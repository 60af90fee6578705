import type { Control, Mode } from '../../kernel/mode.ts'
import type { ContentConfig, DetectorConfig, SecretsConfig, TaintConfig } from './content-config.ts'
import type { PriorityConfig } from './gateway-config.ts'
import type { AuthenticationConfig, CredentialMode } from './identity-config.ts'
import type { InjectionConfig } from './injection-config.ts'
import type { LimitConfig } from './limit-config.ts'
import type { FunctionConfig, ObjectConfig, PropertyConfig, SecurityConfig } from './security-config.ts'

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

export interface CorsConfig {
  /** Exact origins, or `*` alone. */
  readonly origins: readonly string[]
  readonly credentials: boolean
  readonly headers: readonly string[]
  readonly expose: readonly string[]
  readonly maxAge: number
}

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
