/**
 * True where no two items are equal as JSON (numbers by value, objects without order). Linear in the size of
 * the items, where comparing each with each is quadratic (CWE-407).
 */
export function isUnique(items: readonly unknown[]): boolean {
  if (items.length < 2) return true
  const seen = new Set<unknown>()
  for (const item of items) {
    // Strings are marked, so that none is taken for the text of an array or object.
    const key =
      typeof item === 'string'
        ? `"${item}`
        : typeof item === 'object' && item !== null
          ? canonical(item)
          : item
    if (seen.has(key)) return false
    seen.add(key)
  }
  return true
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? String(value)
  const object = value as Record<string, unknown>
  return `{${Object.keys(object)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(object[key])}`)
    .join()}}`
}

/** Exact `multipleOf`: decimals are compared as they are written, not as binary fractions. */
export function isMultiple(value: number, divisor: number): boolean {
  if (Number.isInteger(value) && Number.isInteger(divisor)) return value % divisor === 0
  const [a, scaleA] = decimal(value)
  const [b, scaleB] = decimal(divisor)
  const scale = Math.max(scaleA, scaleB)
  return (a * 10n ** BigInt(scale - scaleA)) % (b * 10n ** BigInt(scale - scaleB)) === 0n
}

/** value = digits × 10^-scale. */
function decimal(value: number): [bigint, number] {
  const [mantissa = '0', exponent = '0'] = String(value).split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const digits = BigInt(whole + fraction)
  const scale = fraction.length - Number(exponent)
  return scale >= 0 ? [digits, scale] : [digits * 10n ** BigInt(-scale), 0]
}
