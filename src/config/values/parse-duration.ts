const units: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/** `30s`, `15min`, `500ms`, `1h`, `7d` → milliseconds; undefined where it is no duration. At most 366 days. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|min|h|d)$/.exec(text)
  const unit = units.get(match?.[2] ?? '')
  if (match === null || unit === undefined) return undefined
  const value = Number(match[1]) * unit
  return value <= 366 * 86_400_000 ? value : undefined
}
