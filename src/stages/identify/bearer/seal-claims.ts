/**
 * Freezes parsed claims all the way down and takes the prototype off every object, so that a rule that reads
 * `claims.constructor` finds nothing. Depth is bounded by the parser.
 */
export function sealClaims(claims: Record<string, unknown>): Readonly<Record<string, unknown>> {
  return seal(claims) as Readonly<Record<string, unknown>>
}

function seal(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    for (const item of value) seal(item)
    return Object.freeze(value)
  }
  Object.setPrototypeOf(value, null)
  for (const item of Object.values(value)) seal(item)
  return Object.freeze(value)
}
