const units: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ['kB', 1000],
  ['KB', 1000],
  ['MB', 1_000_000],
  ['GB', 1_000_000_000],
  ['KiB', 1024],
  ['MiB', 1_048_576],
  ['GiB', 1_073_741_824],
])

/** `1MiB`, `64KiB`, `10MB`, `8000` → bytes; undefined where it is no size. At most 64 GiB. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,11})(B|[kKMG]B|[KMG]iB)?$/.exec(text)
  const unit = units.get(match?.[2] ?? '')
  if (match === null || unit === undefined) return undefined
  const value = Number(match[1]) * unit
  return value <= 64 * 1_073_741_824 ? value : undefined
}
