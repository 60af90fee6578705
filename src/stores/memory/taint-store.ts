import type { TaintStore } from '../../kernel/taint-store.ts'

export interface MemoryTaintOptions {
  /** Destinations of one scope, of either kind. */
  readonly each?: number
  /** Destinations of all scopes; the scope that was quiet longest goes first. */
  readonly total?: number
}

interface Scope {
  /** Digest → the time it is forgotten. */
  readonly foreign: Map<string, number>
  readonly own: Map<string, number>
  /** Until then there was more than could be kept. */
  flooded: number
}

/** Destinations in the memory of one process. */
export function createMemoryTaintStore(options: MemoryTaintOptions = {}): TaintStore {
  const { each = 1_024, total = 262_144 } = options
  const scopes = new Map<string, Scope>()
  let kept = 0

  function scopeOf(name: string): Scope {
    const known = scopes.get(name)
    const scope = known ?? { foreign: new Map(), own: new Map(), flooded: 0 }
    // Last in the map is the one that was heard of last.
    if (known !== undefined) scopes.delete(name)
    scopes.set(name, scope)
    while (kept > total || scopes.size > total) {
      const [oldest, gone] = scopes.entries().next().value ?? []
      if (oldest === undefined || gone === undefined || gone === scope) break
      scopes.delete(oldest)
      kept -= gone.foreign.size + gone.own.size
    }
    return scope
  }

  function put(map: Map<string, number>, digest: string, until: number): void {
    if (!map.delete(digest)) kept++
    map.set(digest, until)
  }

  function drop(map: Map<string, number>, digest: string): void {
    if (map.delete(digest)) kept--
  }

  function sweep(map: Map<string, number>, now: number): void {
    for (const [digest, until] of map) if (until <= now) drop(map, digest)
  }

  function makeRoom(map: Map<string, number>): void {
    const [oldest] = map.keys()
    if (oldest !== undefined) drop(map, oldest)
  }

  return {
    mark(name, digests, overflow, until, now) {
      if (digests.length === 0 && !overflow) return
      const scope = scopeOf(name)
      if (overflow) scope.flooded = until
      for (const digest of digests) {
        if (isLive(scope.own, digest, now)) continue
        if (scope.foreign.size >= each && !scope.foreign.has(digest)) {
          sweep(scope.foreign, now)
          // Nothing is forgotten to make room: that is what somebody would want who writes a thousand addresses.
          if (scope.foreign.size >= each) {
            scope.flooded = until
            return
          }
        }
        put(scope.foreign, digest, until)
      }
    },
    use(name, digests, until, now) {
      if (digests.length === 0) return
      const scope = scopeOf(name)
      for (const digest of digests) {
        if (isLive(scope.foreign, digest, now)) continue
        if (scope.flooded > now && !isLive(scope.own, digest, now)) continue
        if (scope.own.size >= each) makeRoom(scope.own)
        put(scope.own, digest, until)
      }
    },
    vouch(name, digests, until) {
      if (digests.length === 0) return
      const scope = scopeOf(name)
      for (const digest of digests) {
        drop(scope.foreign, digest)
        if (scope.own.size >= each) makeRoom(scope.own)
        put(scope.own, digest, until)
      }
    },
    tainted(name, digests, now) {
      const scope = scopes.get(name)
      if (scope === undefined) return 0
      const flooded = scope.flooded > now
      let count = 0
      for (const digest of digests)
        if (isLive(scope.foreign, digest, now) || (flooded && !isLive(scope.own, digest, now))) count++
      return count
    },
  }
}

function isLive(map: ReadonlyMap<string, number>, digest: string, now: number): boolean {
  return (map.get(digest) ?? 0) > now
}
