import type { SignatureAlgorithm } from '../../crypto/signature-algorithm.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Matched } from '../../kernel/facts.ts'
import type { Operation, SecurityScheme } from '../../kernel/operation.ts'
import type { ReplayStore } from '../../kernel/replay.ts'
import type { Outbound } from '../../outbound/create-outbound.ts'
import type { KeyDirectory } from './api-key/key-directory.ts'
import type { CertificateOptions } from './certificates/certificates.ts'
import type { ApiAddress } from './dpop/external-uri.ts'
import type { FailureBudget } from './failure-budget.ts'
import type { Revocations } from './revocation-list.ts'
import type { StepUpRule } from './step-up.ts'

/** Where an issuer's keys come from. File names are absolute, or relative to the working directory. */
export type KeyOptions =
  | { readonly kind: 'discovery' }
  | { readonly kind: 'jwks-url'; readonly url: string }
  | { readonly kind: 'jwks-file'; readonly file: string }
  /** A JWK Set that is already at hand. */
  | { readonly kind: 'jwks'; readonly value: unknown }
  /** A PEM file, or the PEM itself. */
  | { readonly kind: 'public-key'; readonly file: string }
  | { readonly kind: 'public-key'; readonly pem: string }
  /** Shared secret; its UTF-8 bytes are the key. */
  | { readonly kind: 'secret'; readonly secret: string }

/** How the issuer is asked about its tokens (RFC 7662). */
export interface IntrospectionOptions {
  /** `http` only where the outbound client was told of it. */
  readonly url: string
  /** The gateway as the issuer's client. */
  readonly clientId: string
  readonly clientSecret: string
}

/** One issuer of access tokens. Issuer, audience and algorithms have no default. */
export interface IssuerOptions {
  /** Name in the configuration; becomes `principal.issuer`. */
  readonly name: string
  /** Exact `iss`. */
  readonly issuer: string
  /** One of these must be in `aud`. */
  readonly audience: readonly string[]
  /** Empty where tokens are opaque. */
  readonly algorithms: readonly SignatureAlgorithm[]
  readonly keys: KeyOptions
  /** Set where tokens are opaque: the issuer is asked about each. Then its keys are never looked at. */
  readonly introspection?: IntrospectionOptions | undefined
  /**
   * Accepted `typ`, in any case, with or without `application/`; `none` stands for a token without `typ`. Default
   * `at+jwt`, `jwt`, `none`, of which the last two are then also looked through for signs of another kind.
   */
  readonly types?: readonly string[]
  /** Claim names, or dotted paths into nested claims. Defaults: `sub`, `roles`, `scope`, `client_id`. */
  readonly subject?: string
  readonly roles?: string
  readonly scopes?: string
  readonly client?: string
  /** Leeway for `exp`, `nbf`, `iat`; 60 at most, default 30. */
  readonly clockToleranceSeconds?: number
  /** Whether bare tokens are taken (`allowed`, the default), or only those bound to a key, with a proof. */
  readonly dpop?: 'allowed' | 'required'
  /** Whether proofs must hold a nonce of this server. Default `off`. */
  readonly dpopNonce?: 'off' | 'required'
  /** How long fetched keys are used before they are fetched again; 60,000 at most. Default 45,000; files 5,000. */
  readonly keysFreshMs?: number
  /** How long keys serve while fetching fails. Default one hour. */
  readonly keysStaleMs?: number
  /** Least time between two fetches for an unknown `kid`. Default 30,000. */
  readonly keysCooldownMs?: number
}

/** Which sources of callers a security scheme of the contract means. */
export interface SchemeMapping {
  readonly scheme: string
  /** Names of issuers, `keys`, `certificates`; `public`: the scheme asks for nothing. */
  readonly issuers: readonly string[] | 'public'
}

export interface ApiOptions {
  readonly name: string
  /** Schemes as the contract declares them. */
  readonly schemes: readonly SecurityScheme[]
  /** Undefined: every bearer scheme means all issuers. A scheme that a given list leaves out is denied. */
  readonly security?: readonly SchemeMapping[]
  readonly operations: readonly Operation[]
  /** Where callers reach it; what proofs name. Default: as the request says, without a base path. */
  readonly address?: ApiAddress
  /** URL of the metadata of the resource a call is for; challenges name it (RFC 9728 §5.1). */
  readonly metadata?: (matched: Matched) => string
  /** Operations that ask for fresh or strong authentication. */
  readonly stepUp?: readonly StepUpRule[]
}

export interface IdentifyOptions {
  readonly issuers: readonly IssuerOptions[]
  readonly apis: readonly ApiOptions[]
  readonly outbound: Outbound
  readonly clock?: Clock
  /** API keys that the gateway issued; undefined: there are none. `header` is a lower-case name. */
  readonly apiKeys?: { readonly header: string; readonly directory: KeyDirectory } | undefined
  /** Asked about every credential; undefined: nothing is ever revoked. */
  readonly revocations?: Revocations | undefined
  /** Callers by client certificate; undefined: certificates make no principals. */
  readonly certificates?: CertificateOptions
  /** Where used proofs are remembered; undefined: tokens that are bound to a key are refused. */
  readonly replays?: ReplayStore
  /** Secret of nonces, the same in every process; random where absent. */
  readonly nonceSecret?: Uint8Array
  /** What bad tokens may cost; undefined: every one is judged. */
  readonly failures?: FailureBudget
  /** Verified tokens kept per issuer. Default 10,000 and 32 MiB. */
  readonly cache?: { readonly entries?: number; readonly bytes?: number }
}
