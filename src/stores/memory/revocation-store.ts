import type { Revocation, RevocationStore } from '../../kernel/revocation.ts'

/** The deny-list in memory: for gateways without a database, where it ends with the process. */
export function createMemoryRevocationStore(): RevocationStore {
  // In order of change: one that is widened moves to the end.
  const kept = new Map<string, Revocation>()
  let change = 0
  return {
    async add(revocation, now) {
      const { kind, issuer, value } = revocation
      const key = JSON.stringify([kind, issuer ?? '', value])
      const known = kept.get(key)
      const made: Revocation = {
        ...revocation,
        before: Math.max(revocation.before, known?.before ?? 0),
        until: Math.max(revocation.until, known?.until ?? 0),
        created: known?.created ?? now,
        change: ++change,
      }
      kept.delete(key)
      kept.set(key, made)
      return made
    },
    async since(after, limit) {
      if (after >= change) return []
      return [...kept.values()].filter((one) => one.change > after).slice(0, limit)
    },
    async purge(now) {
      const ended = [...kept].filter(([, { until }]) => until <= now)
      for (const [key] of ended) kept.delete(key)
      return ended.length
    },
  }
}
