import type { KeySet } from '../../../crypto/key-set.ts'
import type { KeyProblem } from '../../../crypto/verification-key.ts'

/** How an issuer's keys are doing, for readiness and the operator. */
export interface KeyHealth {
  /** Usable keys now. */
  readonly keys: number
  /** Milliseconds since they were last confirmed; undefined where they never were. */
  readonly ageMs: number | undefined
  /** Why the last attempt to fetch failed; undefined while all is well. */
  readonly failing: string | undefined
  /** Published keys that cannot be used. */
  readonly problems: readonly KeyProblem[]
  /** Usable keys that are shorter than recommended (RSA below 3072 bits). */
  readonly aging: number
}

/** How many keys of a set should be replaced. */
export function agingIn(set: KeySet | undefined): number {
  return set === undefined ? 0 : set.keys.filter((key) => key.aging).length
}

/** Where the keys of one issuer come from. */
export interface KeySource {
  /** The keys that may be used now; undefined where there are none, or they are too old to be believed. */
  current(): KeySet | undefined
  /** Asks for newer keys. Undefined where that is not due yet; else resolves when the attempt is over, never rejects. */
  renew(): Promise<void> | undefined
  health(): KeyHealth
  close(): void
}

/** Keys that the configuration holds: nothing to fetch, nothing to fail. */
export function createFixedKeys(set: KeySet): KeySource {
  return {
    current: () => set,
    renew: () => undefined,
    health: () => ({
      keys: set.keys.length,
      ageMs: 0,
      failing: undefined,
      problems: set.problems,
      aging: agingIn(set),
    }),
    close: () => {},
  }
}
