import type { PolicyApi } from './policy.ts'

/** Scopes that tools ask for besides those of operations: by rule, or because they destroy. */
export function toolScopesOf({ config, exposes }: PolicyApi): readonly string[] {
  const ruled = config.mcp?.tools.flatMap(({ scopes }) => scopes) ?? []
  const approving = exposes?.tools.flatMap(({ approval }) => approval) ?? []
  return [...ruled, ...approving]
}
