import { type Clock, systemClock } from '../../kernel/clock.ts'
import type { RateDecision } from '../../kernel/ports.ts'

/** Where a lease is taken from, for one key. */
export interface Source {
  /** Takes so much for this process, all or nothing. */
  take(amount: number): RateDecision | Promise<RateDecision>
  /** Gives back what was not used. */
  giveBack(amount: number): unknown
}

export interface LeaseOptions {
  /** How long what was taken may be used, milliseconds. Default 1,000. */
  readonly leaseMs?: number
  /** Most keys that hold a lease at once. Default 65,536. */
  readonly capacity?: number
  readonly clock?: Clock
}

interface Lease {
  readonly source: Source
  /** Units at hand. */
  left: number
  /** Until when they may be used. */
  until: number
  /** How much is taken the next time: doubled when it was used up early, halved when some was left. */
  size: number
  /** What the source said last, without what is at hand here. */
  remaining: number
  resetMs: number
  /** Nothing is asked before: the source has said that there is nothing. */
  refusedUntil: number
  /** Under way: true where it brought all that was asked for, so that there may be more. */
  refill: Promise<boolean> | undefined
  /** Units that calls wait for. */
  wanted: number
}

/**
 * Local leases on counters that several processes share: a process takes several units at once and spends them without
 * asking, so most calls need no round trip. Every unit is taken from the source before it is spent; so nothing is ever
 * spent twice, and the one thing that shifts is time: a unit is spent at most twice `leaseMs` after it was taken, else
 * given back. A process holds at most a lease and a half of a key: the next is fetched when half of one is used.
 *
 * So in any time T all processes together pass at most what the limit allows in T and `processes × 1.5 × most` more, and
 * never more than what it allows in T + 2 × `leaseMs`. Who dies with a lease takes it along: less passes, not more.
 */
export class LeaseTable {
  readonly #leaseMs: number
  readonly #capacity: number
  readonly #clock: Clock
  readonly #leases = new Map<string, Lease>()
  readonly #timer: NodeJS.Timeout

  constructor(options: LeaseOptions = {}) {
    const { leaseMs = 1000, capacity = 65_536, clock = systemClock } = options
    this.#leaseMs = leaseMs
    this.#capacity = capacity
    this.#clock = clock
    this.#timer = setInterval(() => this.sweep(), leaseMs).unref()
  }

  /**
   * Takes `cost` of a key. `most`: the largest lease; at 1 the source is asked each time. `sourceOf` is called where the
   * key has no lease yet.
   */
  take(
    key: string,
    most: number,
    cost: number,
    sourceOf: () => Source,
  ): RateDecision | Promise<RateDecision> {
    const known = this.#leases.get(key)
    if (most <= 1 && known === undefined) return sourceOf().take(cost)
    const now = this.#clock.monotonic()
    const lease = known ?? this.#create(key, sourceOf())
    if (now >= lease.until) this.#expire(lease)
    if (lease.left >= cost && lease.left > 0) return this.#spend(lease, most, cost)
    if (now < lease.refusedUntil) return refusal(lease, lease.refusedUntil - now)
    return this.#wait(lease, most, cost)
  }

  /** Gives back all that is at hand of a key, before somebody asks the source itself. */
  surrender(key: string): void {
    const lease = this.#leases.get(key)
    if (lease !== undefined) this.#expire(lease)
  }

  /** Gives back what has not been used in time; forgets keys that hold nothing. */
  sweep(): void {
    const now = this.#clock.monotonic()
    for (const [key, lease] of this.#leases) {
      if (now < lease.until || lease.refill !== undefined) continue
      if (lease.left > 0) this.#expire(lease)
      else if (now - lease.until > 10 * this.#leaseMs && now >= lease.refusedUntil) this.#leases.delete(key)
    }
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    const given: unknown[] = []
    for (const lease of this.#leases.values()) {
      if (lease.refill !== undefined) await lease.refill.catch(() => undefined)
      if (lease.left > 0) given.push(lease.source.giveBack(lease.left))
      lease.left = 0
    }
    this.#leases.clear()
    await Promise.allSettled(given)
  }

  #create(key: string, source: Source): Lease {
    if (this.#leases.size >= this.#capacity)
      for (const [old, lease] of this.#leases) {
        // The oldest goes; what it holds is not lost.
        this.#leases.delete(old)
        this.#expire(lease)
        break
      }
    const lease: Lease = {
      source,
      left: 0,
      until: 0,
      size: 1,
      remaining: 0,
      resetMs: 0,
      refusedUntil: 0,
      refill: undefined,
      wanted: 0,
    }
    this.#leases.set(key, lease)
    return lease
  }

  #spend(lease: Lease, most: number, cost: number): RateDecision {
    lease.left -= cost
    // The next lease is fetched while this one lasts. Without a word: should it fail, the call that needs it asks again.
    if (
      lease.left < lease.size / 2 &&
      lease.refill === undefined &&
      this.#clock.monotonic() >= lease.refusedUntil
    )
      this.#refill(lease, most, 0).catch(() => undefined)
    return {
      allowed: true,
      remaining: lease.remaining + lease.left,
      resetMs: lease.resetMs,
      retryMs: 0,
    }
  }

  async #wait(lease: Lease, most: number, cost: number): Promise<RateDecision> {
    lease.wanted += cost
    try {
      for (;;) {
        const plenty = await (lease.refill ?? this.#refill(lease, most, cost))
        if (lease.left >= cost && lease.left > 0) return this.#spend(lease, most, cost)
        // Others have taken it: asked again, while there is more. Where there is not, nobody is kept waiting for it.
        if (!plenty) return refusal(lease, Math.max(1, lease.refusedUntil - this.#clock.monotonic()))
      }
    } finally {
      lease.wanted -= cost
    }
  }

  /** One question to the source at a time, for all who wait. */
  #refill(lease: Lease, most: number, needed: number): Promise<boolean> {
    const refill = this.#ask(lease, most, needed).finally(() => {
      lease.refill = undefined
    })
    lease.refill = refill
    return refill
  }

  async #ask(lease: Lease, most: number, needed: number): Promise<boolean> {
    let plenty = true
    // For those who wait no lease is too large: they spend it at once.
    let amount = Math.max(needed, lease.wanted, Math.min(most, lease.size))
    for (;;) {
      const decision = await lease.source.take(amount)
      const now = this.#clock.monotonic()
      lease.resetMs = decision.resetMs
      if (decision.allowed) {
        // Used up before its time: more the next time.
        if (now < lease.until && lease.left < lease.size / 2) lease.size = Math.min(most, lease.size * 2)
        lease.left += amount
        lease.until = now + this.#leaseMs
        lease.remaining = decision.remaining
        if (!plenty) lease.refusedUntil = now + this.#leaseMs / 50
        return plenty
      }
      lease.remaining = 0
      const rest = Math.min(decision.remaining, amount - 1)
      if (rest >= Math.max(1, needed)) {
        amount = rest
        plenty = false
        continue
      }
      // Another process may give something back before, so it is not believed for long; nor is every unit that comes
      // back run after, which under a flood would be a question for each call.
      lease.refusedUntil = now + Math.min(Math.max(decision.retryMs, this.#leaseMs / 50), this.#leaseMs)
      return false
    }
  }

  #expire(lease: Lease): void {
    if (lease.left === 0) return
    const { left } = lease
    lease.left = 0
    lease.size = Math.max(1, Math.floor(lease.size / 2))
    try {
      const given = lease.source.giveBack(left)
      if (given instanceof Promise) given.catch(() => undefined)
    } catch {
      // Lost: less passes than could.
    }
  }
}

function refusal(lease: Lease, retryMs: number): RateDecision {
  return { allowed: false, remaining: lease.left, resetMs: Math.max(lease.resetMs, retryMs), retryMs }
}
