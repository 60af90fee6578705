import type { Arrived, Matched } from '../kernel/facts.ts'
import type { Operation } from '../kernel/operation.ts'
import { type Denial, deny } from '../kernel/verdict.ts'

/** What finds an operation by method and canonical path; `contract/route/router.ts` compiles it. */
export interface OperationFinder {
  find(
    method: string,
    path: string,
  ):
    | { readonly operation: Operation; readonly params: Readonly<Record<string, string>> }
    | { readonly allow: readonly string[] }
    | undefined
}

/** One API at its place: under a host, below a base path. */
export interface Mount {
  readonly api: string
  /** Lower-case host without port; undefined for any host. */
  readonly host: string | undefined
  /** `/v1`, or empty. */
  readonly basePath: string
  readonly router: OperationFinder
}

export type Match = (arrived: Arrived) => Matched | Denial

/** Mounts by host; within a host the longest base path first. */
export function candidatesOf<M extends Mount>(mounts: readonly M[]): (authority: string) => readonly M[] {
  const byHost = new Map<string, M[]>()
  const anyHost: M[] = []
  for (const mount of mounts) {
    if (mount.host === undefined) anyHost.push(mount)
    else byHost.set(mount.host, [...(byHost.get(mount.host) ?? []), mount])
  }
  const longestFirst = (a: M, b: M): number => b.basePath.length - a.basePath.length
  for (const list of [anyHost, ...byHost.values()]) list.sort(longestFirst)
  if (byHost.size === 0) return () => anyHost
  return (authority) => byHost.get(hostOf(authority)) ?? anyHost
}

/**
 * Finds the declared operation of a call, or refuses with `MATCH_HOST`, `MATCH_NO_OPERATION`, `MATCH_METHOD`.
 * There is no default upstream and no default host (rows N07, N09).
 */
export function createMatch(mounts: readonly Mount[]): Match {
  const choose = candidatesOf(mounts)
  return (arrived) => {
    const candidates = choose(arrived.authority)
    if (candidates.length === 0) return deny('MATCH_HOST', 'match.host', 'host not served')
    let allow: readonly string[] | undefined
    for (const mount of candidates) {
      const path = below(mount.basePath, arrived.path)
      if (path === undefined) continue
      const found = mount.router.find(arrived.method, path)
      if (found === undefined) continue
      if ('operation' in found) return { ...arrived, operation: found.operation, params: found.params }
      allow ??= found.allow
    }
    if (allow === undefined) return deny('MATCH_NO_OPERATION', 'match.path', 'no operation at this path')
    return deny('MATCH_METHOD', 'match.method', 'path declared, method not', {
      fields: ['Allow', allow.join(', ')],
    })
  }
}

/** The path below a base path, or undefined where it is not below it. */
export function below(basePath: string, path: string): string | undefined {
  if (basePath === '') return path
  if (!path.startsWith(basePath)) return undefined
  const rest = path.slice(basePath.length)
  if (rest === '') return '/'
  return rest.charCodeAt(0) === 0x2f ? rest : undefined
}

/** `Example.com.:8080` → `example.com`. */
function hostOf(authority: string): string {
  const colon = authority.lastIndexOf(':')
  const host = colon > authority.lastIndexOf(']') ? authority.slice(0, colon) : authority
  return host.endsWith('.') ? host.slice(0, -1) : host
}
