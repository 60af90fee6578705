import type { ApiKey, ApiKeyStore } from '../../kernel/api-key.ts'

/** API keys in memory: for gateways without a database, where they end with the process. */
export function createMemoryApiKeyStore(): ApiKeyStore {
  // In order of change: one that is changed moves to the end.
  const kept = new Map<string, ApiKey>()
  let latest = 0

  function put(key: ApiKey): ApiKey {
    kept.delete(key.id)
    kept.set(key.id, key)
    return key
  }

  return {
    async create(key) {
      if (kept.has(key.id)) throw new Error('the id is taken')
      return put({ ...key, disabled: false, revoked: undefined, lastUsed: undefined, change: ++latest })
    },
    find: async (id) => kept.get(id),
    async update(id, decide) {
      const known = kept.get(id)
      if (known === undefined || known.revoked !== undefined) return known
      return put({ ...known, ...decide(known), change: ++latest })
    },
    changes: async (after, limit) => ({
      latest,
      keys:
        after === undefined || after >= latest
          ? []
          : [...kept.values()].filter((key) => key.change > after).slice(0, limit),
    }),
    async touch(uses) {
      for (const [id, time] of uses) {
        const known = kept.get(id)
        // Not `put`: a use is no change.
        if (known !== undefined && (known.lastUsed ?? 0) < time) kept.set(id, { ...known, lastUsed: time })
      }
    },
  }
}
