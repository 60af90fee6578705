import { parseDuration } from './parse-duration.ts'

const windows: ReadonlyMap<string, string> = new Map([
  ['s', '1s'],
  ['sec', '1s'],
  ['second', '1s'],
  ['min', '1min'],
  ['minute', '1min'],
  ['h', '1h'],
  ['hour', '1h'],
  ['d', '1d'],
  ['day', '1d'],
])

/** `100/min`, `5/s`, `20/10s`, `1000/day` → calls and window in milliseconds; undefined where it is no rate. */
export function parseRate(text: string): { rate: number; windowMs: number } | undefined {
  const match = /^(\d{1,9})\/(\d*[a-z]+)$/.exec(text)
  if (match === null) return undefined
  const [, count, window] = match
  const windowMs = parseDuration(windows.get(window ?? '') ?? window ?? '')
  const rate = Number(count)
  return windowMs === undefined || windowMs === 0 || rate === 0 ? undefined : { rate, windowMs }
}
