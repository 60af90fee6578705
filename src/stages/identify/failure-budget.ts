import type { Clock } from '../../kernel/clock.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { createGenerationCache } from './generation-cache.ts'

/** Tries that fail: how many at once, and how many more a second. */
export interface FailureRate {
  readonly burst: number
  readonly perSecond: number
}

export interface FailureBudgetOptions {
  readonly clock: Clock
  /** What one subscriber holds: an address, or a block of them. */
  readonly networkOf: (address: string) => string
  /** Of one network; default 300, and 30 a second. */
  readonly network?: FailureRate
  /** Of all networks together, for those from which no good token came yet; default 3,000, and 1,000 a second. */
  readonly strangers?: FailureRate
  /** How long the refusal of a spent network takes at least, milliseconds, and at most twice that; default 700. */
  readonly holdMs?: number
  /** Refusals held at once; beyond, they are given at once. Default 2,000. */
  readonly held?: number
}

/**
 * Bounds what bad tokens cost. A signature that proves wrong costs a hundred times what the look-up of a known
 * token does, so whoever sends many is no longer judged: an unknown token from there is refused with 429, after a
 * pause, so that a connection sends one a second. Tokens that were good before are not concerned, wherever they come
 * from: they are judged as ever, also when they have to be verified again.
 */
export interface FailureBudget {
  /** The refusal of a token that is not known, unjudged; undefined: it may be judged. */
  admit(address: string, digest: string): Promise<Denial> | Denial | undefined
  /** What came of the judgement. */
  settle(address: string, digest: string, good: boolean): void
}

interface Spent {
  /** Failures that are not made up for yet. */
  level: number
  /** Monotonic milliseconds. */
  at: number
  /** A good token came from here. */
  trusted: boolean
}

const networks = 20_000
const goodTokens = 40_000

export function createFailureBudget(options: FailureBudgetOptions): FailureBudget {
  const { clock, networkOf, holdMs = 700, held: mostHeld = 2_000 } = options
  const network = options.network ?? { burst: 300, perSecond: 30 }
  const strangers = options.strangers ?? { burst: 3_000, perSecond: 1_000 }
  const known = createGenerationCache<Spent>({ entries: networks, bytes: networks })
  const good = createGenerationCache<true>({ entries: goodTokens, bytes: goodTokens })
  const everybody: Spent = { level: 0, at: clock.monotonic(), trusted: false }
  let held = 0

  function levelOf(spent: Spent, rate: FailureRate, now: number): number {
    spent.level = Math.max(0, spent.level - ((now - spent.at) / 1000) * rate.perSecond)
    spent.at = now
    return spent.level
  }

  function hold(denial: Denial): Promise<Denial> | Denial {
    if (held >= mostHeld || holdMs === 0) return denial
    held++
    return new Promise((resolve) => {
      // Not all at once, or those who come in step stay in step.
      const pause = holdMs * (1 + Math.random())
      setTimeout(() => {
        held--
        resolve(denial)
      }, pause).unref()
    })
  }

  return {
    admit(address, digest) {
      const now = clock.monotonic()
      const spent = known.get(networkOf(address))
      const isSpent = spent !== undefined && levelOf(spent, network, now) > network.burst - 1
      const isCrowded = spent?.trusted !== true && levelOf(everybody, strangers, now) > strangers.burst - 1
      if (!(isSpent || isCrowded) || good.get(digest) === true) return undefined
      return hold(tooManyFailures)
    },
    settle(address, digest, isGood) {
      const name = networkOf(address)
      let spent = known.get(name)
      if (spent === undefined) {
        spent = { level: 0, at: clock.monotonic(), trusted: false }
        known.set(name, spent, 1)
      }
      if (isGood) {
        spent.trusted = true
        good.set(digest, true, 1)
        return
      }
      const now = clock.monotonic()
      spent.level = Math.min(network.burst, levelOf(spent, network, now) + 1)
      if (!spent.trusted) everybody.level = Math.min(strangers.burst, levelOf(everybody, strangers, now) + 1)
    },
  }
}

const tooManyFailures: Denial = deny(
  'LIMIT_RATE',
  'identify.failures',
  'too many bad tokens came from this network',
  { fields: ['retry-after', '2'] },
)
