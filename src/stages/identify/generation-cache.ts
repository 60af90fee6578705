/** Bounded by entries and by bytes. */
export interface GenerationCache<V> {
  get(key: string): V | undefined
  set(key: string, value: V, bytes: number): void
  clear(): void
  readonly size: number
}

interface Entry<V> {
  readonly value: V
  readonly bytes: number
}

/**
 * A cache of two generations: what is used in the young one lives on, what is not used for a whole generation
 * goes. As good as LRU in keeping what is hot, without relinking a list on every hit, and a flood of keys costs a
 * fixed amount of memory.
 */
export function createGenerationCache<V>(limits: { entries: number; bytes: number }): GenerationCache<V> {
  const maxEntries = Math.max(1, limits.entries >> 1)
  const maxBytes = limits.bytes / 2
  let young = new Map<string, Entry<V>>()
  let old = new Map<string, Entry<V>>()
  let bytes = 0

  function insert(key: string, entry: Entry<V>): void {
    if (entry.bytes > maxBytes) return
    if (young.size >= maxEntries || bytes + entry.bytes > maxBytes) {
      old = young
      young = new Map()
      bytes = 0
    }
    bytes += entry.bytes - (young.get(key)?.bytes ?? 0)
    young.set(key, entry)
  }

  return {
    get(key) {
      const hit = young.get(key)
      if (hit !== undefined) return hit.value
      const aged = old.get(key)
      if (aged === undefined) return undefined
      old.delete(key)
      insert(key, aged)
      return aged.value
    },
    set(key, value, size) {
      old.delete(key)
      insert(key, { value, bytes: size })
    },
    clear() {
      young = new Map()
      old = new Map()
      bytes = 0
    },
    get size() {
      return young.size + old.size
    },
  }
}
