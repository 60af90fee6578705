/** Calendar periods of quotas, in UTC. A week begins on Monday (ISO 8601). */
export type Period = 'hour' | 'day' | 'week' | 'month'

export interface PeriodBounds {
  /** Milliseconds since the epoch; `end` is the first moment of the next period. */
  readonly start: number
  readonly end: number
}

const hour = 3_600_000
const day = 24 * hour
const week = 7 * day
/** 1970-01-05, the first Monday. */
const firstMonday = 4 * day

/** The period that a moment lies in. */
export function periodAt(period: Period, at: number): PeriodBounds {
  switch (period) {
    case 'hour':
      return even(at, hour, 0)
    case 'day':
      return even(at, day, 0)
    case 'week':
      return even(at, week, firstMonday)
    case 'month': {
      const date = new Date(at)
      const year = date.getUTCFullYear()
      const month = date.getUTCMonth()
      return { start: Date.UTC(year, month, 1), end: Date.UTC(year, month + 1, 1) }
    }
  }
}

function even(at: number, length: number, origin: number): PeriodBounds {
  const start = Math.floor((at - origin) / length) * length + origin
  return { start, end: start + length }
}
