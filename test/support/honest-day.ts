/** Small, seeded and good enough for traffic (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export interface TravelBooking {
  readonly bookingId: string
  readonly userId: string
  /** Fellow travellers, whose lists have it too. */
  readonly guests: Set<string>
  cancelled: boolean
}

/** The bookings of a travel company, as its API would answer. It checks nothing: that is what the gate is for. */
export class TravelCompany {
  readonly bookings: Map<string, TravelBooking> = new Map()
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  create(userId: string): TravelBooking {
    let bookingId = 'bk_'
    while (bookingId.length < 15) bookingId += Math.floor(this.#random() * 36).toString(36)
    const made = { bookingId, userId, guests: new Set<string>(), cancelled: false }
    this.bookings.set(bookingId, made)
    return made
  }

  /** Newest first, as many as the API lists. */
  listOf(userId: string): TravelBooking[] {
    return [...this.bookings.values()]
      .filter((one) => !one.cancelled && (one.userId === userId || one.guests.has(userId)))
      .reverse()
      .slice(0, 100)
  }
}

export function replyOf(booking: TravelBooking): Record<string, unknown> {
  const { bookingId, userId } = booking
  return { bookingId, userId, from: 'OSL', to: 'LHR', date: '2026-12-01', status: 'confirmed' }
}
