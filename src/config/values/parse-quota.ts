import type { QuotaSpec } from '../../kernel/limit-store.ts'
import type { Period } from '../../kernel/period.ts'

const periods: ReadonlyMap<string, Period> = new Map([
  ['hour', 'hour'],
  ['h', 'hour'],
  ['day', 'day'],
  ['d', 'day'],
  ['week', 'week'],
  ['month', 'month'],
])

/** `10000/day`, `500000/month` → how many in which period of the calendar; undefined where it is no quota. */
export function parseQuota(text: string): QuotaSpec | undefined {
  const match = /^(\d{1,12})\/([a-z]+)$/.exec(text)
  const period = periods.get(match?.[2] ?? '')
  const quota = Number(match?.[1])
  return period === undefined || quota === 0 ? undefined : { quota, period }
}
