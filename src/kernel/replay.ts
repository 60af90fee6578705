/** `fresh`: not seen before, and remembered from now on. `full`: there is no room to remember it, so it must not pass. */
export type ReplayAnswer = 'fresh' | 'seen' | 'full'

/**
 * Remembers one-time values (`jti` of proofs and assertions) for as long as they could be sent again. In memory the
 * answer is immediate; a store that several processes share answers later. Bounded: a store that is full says so
 * instead of forgetting.
 */
export interface ReplayStore {
  /**
   * Asks and remembers in one step, so that of two equal keys at the same moment one is `seen`. `ttlMs` is how long
   * the key must be known; `now` is monotonic ms.
   */
  admit(key: string, ttlMs: number, now: number): ReplayAnswer | Promise<ReplayAnswer>
}
