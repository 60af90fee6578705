import type { Principal } from '../../../kernel/principal.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import type { KeyHealth } from '../keys/key-source.ts'
import type { CompactJws } from './compact-jws.ts'
import type { TokenCache } from './token-cache.ts'

/** What the tokens of one issuer are judged by: one strategy an issuer, one file a strategy. */
interface Verifier {
  /** Name in the configuration. */
  readonly name: string
  /** `iss` that it vouches for. */
  readonly issuer: string
  readonly cache: TokenCache
  /** Whether a token with this `aud` is meant for the audience of this issuer; the token is not verified yet. */
  isMeantFor(aud: unknown): boolean
  /** Resolves when a first attempt to have keys is over. */
  ready(): Promise<void>
  health(): KeyHealth
  close(): void
}

/** Verifies JWTs here, with the issuer's keys. */
export interface JwtVerifier extends Verifier {
  readonly opaque: false
  /** Immediate where the keys are at hand; a promise only while keys are fetched. Fills the cache. */
  verify(jws: CompactJws, digest: string): Principal | Denial | Promise<Principal | Denial>
}

/** Asks the issuer about its tokens, whatever they look like. */
export interface OpaqueVerifier extends Verifier {
  readonly opaque: true
  /** The token leaves the gateway: only for those that may be this issuer's. Fills the cache. */
  verify(token: string, digest: string): Principal | Denial | Promise<Principal | Denial>
}

export type TokenVerifier = JwtVerifier | OpaqueVerifier
