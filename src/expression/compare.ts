/** Numbers of CEL: JSON numbers are doubles, literals and exact big numbers are integers. */
export function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** A JSON object: what `JSON.parse` makes, or one without prototype. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** CEL equality: numbers across their types, lists and maps by content, different types are not equal. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (isNumeric(a)) return isNumeric(b) && typeof a !== typeof b && compareNumbers(a, b) === 0
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i]))
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime()
  if (!isRecord(a) || !isRecord(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
  )
}

/** Exact also between a double and an integer beyond 2^53; undefined with NaN. */
function compareNumbers(a: number | bigint, b: number | bigint): number | undefined {
  if (a < b) return -1
  if (a > b) return 1
  return Number.isNaN(a) || Number.isNaN(b) ? undefined : 0
}

/** Order of two numbers, strings, booleans or times; undefined where they have none. */
export function compare(a: unknown, b: unknown): number | undefined {
  if (isNumeric(a)) return isNumeric(b) ? compareNumbers(a, b) : undefined
  if (typeof a === 'string') return typeof b === 'string' ? (a < b ? -1 : a > b ? 1 : 0) : undefined
  if (typeof a === 'boolean') return typeof b === 'boolean' ? Number(a) - Number(b) : undefined
  if (a instanceof Date && b instanceof Date) return compareNumbers(a.getTime(), b.getTime())
  return undefined
}
