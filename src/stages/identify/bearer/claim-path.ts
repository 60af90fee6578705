/** Reads one value out of verified claims; undefined where it is not there. */
export type ReadClaim = (claims: Readonly<Record<string, unknown>>) => unknown

/**
 * Compiles a claim name. A member of exactly that name comes first (`https://id.example/roles` has dots too),
 * then the name as a dotted path into nested objects (`realm_access.roles`). Own members only.
 */
export function compileClaimPath(path: string): ReadClaim {
  if (!path.includes('.')) return (claims) => claims[path]
  const steps = path.split('.')
  return (claims) => {
    if (claims[path] !== undefined) return claims[path]
    let value: unknown = claims
    for (const step of steps) {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step))
        return undefined
      value = (value as Record<string, unknown>)[step]
    }
    return value
  }
}
