import type { Secret } from '../secret.ts'

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
