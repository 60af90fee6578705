import type { Clock } from '../../../kernel/clock.ts'
import type { Principal } from '../../../kernel/principal.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import { createGenerationCache } from '../generation-cache.ts'

/** What is known about tokens of one issuer, by the hash of the whole token. */
export interface TokenCache {
  find(digest: string): Principal | Denial | undefined
  keep(digest: string, principal: Principal, tokenLength: number): void
  /** Remembers that a token is bad, so that the same one again costs no signature. */
  refuse(digest: string, denial: Denial): void
  /** For revocation, and when a key is withdrawn. */
  clear(): void
  readonly size: number
}

interface Known {
  readonly outcome: Principal | Denial
  /** Monotonic milliseconds. */
  readonly until: number
  /** Milliseconds since the epoch: the token's `exp`. */
  readonly expires: number
}

/** How long an outcome is believed without looking again, milliseconds. */
export interface TokenLifetimes {
  readonly goodMs: number
  readonly badMs: number
}

/** J17: no verified token longer than a minute. */
const verified: TokenLifetimes = { goodMs: 60_000, badMs: 10_000 }

/**
 * One cache per issuer configuration, so that issuer, keys, claim names and audience are part of every key by
 * construction. Good and bad tokens are kept apart: a flood of bad ones pushes no good one out. Both clocks
 * bound an entry, so that setting the wall clock back prolongs nothing.
 */
export function createTokenCache(
  clock: Clock,
  limits: { readonly entries: number; readonly bytes: number },
  lifetimes: TokenLifetimes = verified,
): TokenCache {
  const good = createGenerationCache<Known>(limits)
  const bad = createGenerationCache<Known>({ entries: 4096, bytes: 4_194_304 })

  function live(known: Known | undefined): Principal | Denial | undefined {
    return known !== undefined && clock.monotonic() < known.until && clock.now() < known.expires
      ? known.outcome
      : undefined
  }

  return {
    find: (digest) => live(good.get(digest)) ?? live(bad.get(digest)),
    keep(digest, principal, tokenLength) {
      good.set(
        digest,
        {
          outcome: principal,
          until: clock.monotonic() + lifetimes.goodMs,
          expires: (principal.expires ?? Infinity) * 1000,
        },
        600 + 6 * tokenLength,
      )
    },
    refuse(digest, denial) {
      bad.set(digest, { outcome: denial, until: clock.monotonic() + lifetimes.badMs, expires: Infinity }, 400)
    },
    clear() {
      good.clear()
      bad.clear()
    },
    get size() {
      return good.size + bad.size
    },
  }
}
