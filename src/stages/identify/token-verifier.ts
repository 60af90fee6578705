import type { Principal } from '../../kernel/principal.ts'
import type { Denial } from '../../kernel/verdict.ts'
import type { CompactJws } from './compact-jws.ts'
import type { KeyHealth } from './key-source.ts'
import type { TokenCache } from './token-cache.ts'

/** Judges bearer tokens of one issuer: one strategy an issuer, one file a strategy. */
export interface TokenVerifier {
  /** Name in the configuration. */
  readonly name: string
  /** `iss` that it vouches for. */
  readonly issuer: string
  readonly cache: TokenCache
  /** Whether a token with this `aud` is meant for the audience of this issuer; the token is not verified yet. */
  isMeantFor(aud: unknown): boolean
  /** Immediate where the keys are at hand; a promise only while keys are fetched. Fills the cache. */
  verify(jws: CompactJws, digest: string): Principal | Denial | Promise<Principal | Denial>
  /** Resolves when a first attempt to have keys is over. */
  ready(): Promise<void>
  health(): KeyHealth
  close(): void
}
