/** How callers of a route prove who they are. */
export type ImportedAuthentication =
  | {
      readonly kind: 'token'
      readonly issuer: string
      readonly scopes: readonly string[]
      readonly roles: readonly string[]
    }
  | { readonly kind: 'key' }
  | { readonly kind: 'none' }

export interface ImportedLimit {
  readonly per: 'ip' | 'caller' | 'client'
  /** `100/min`, as sallyport.yaml takes it. */
  readonly rate: string
}

export interface ImportedRoute {
  /** Upper case. */
  readonly method: string
  /** OpenAPI template: `/users/{id}`. */
  readonly template: string
  readonly authentication: ImportedAuthentication
  readonly limits: readonly ImportedLimit[]
  /** Names of query parameters, where the configuration lists them. */
  readonly query: readonly string[]
  /** JSON Schema of the body, where the configuration has one. */
  readonly body?: unknown
}

/** One upstream with the routes that lead to it. */
export interface ImportedApi {
  readonly name: string
  /** Without a path that every call would get before its own, unless the configuration adds one. */
  readonly upstream: string
  readonly host?: string
  /** Milliseconds until the head of a reply. */
  readonly timeoutMs?: number
  /** Bytes of a request body. */
  readonly requestBody?: number
  readonly cors?: { readonly origins: readonly string[]; readonly credentials: boolean }
  readonly routes: readonly ImportedRoute[]
}

export interface ImportedIssuer {
  readonly name: string
  /** Undefined where the configuration does not tell it: a development issuer stands in. */
  readonly issuer?: string
  readonly audience: readonly string[]
  readonly algorithms: readonly string[]
  /** URL of the key set; discovery where it is undefined. */
  readonly jwks?: string
  /** Claim of the roles. */
  readonly roles?: string
}

/** What could not be carried over. */
export interface ImportNote {
  /** Where in the other configuration: a service, an endpoint, a line. */
  readonly where: string
  readonly what: string
  /** What to do about it. */
  readonly then: string
}

/** A configuration of another gateway or framework, in the words of this one. */
export interface Imported {
  readonly source: string
  readonly apis: readonly ImportedApi[]
  readonly issuers: readonly ImportedIssuer[]
  /** Header of API keys, where any are asked for. */
  readonly keyHeader?: string
  readonly notes: readonly ImportNote[]
}
