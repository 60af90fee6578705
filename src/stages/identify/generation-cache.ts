/** Bounded by entries and by bytes. */
export interface GenerationCache<V> {
  get(key: string): V | undefined
  set(key: string, value: V, bytes: number): void
  clear(): void
  readonly size: number
  readonly bytes: number
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
  let youngBytes = 0
  let oldBytes = 0

  function take(key: string): Entry<V> | undefined {
    const aged = old.get(key)
    if (aged === undefined) return undefined
    old.delete(key)
    oldBytes -= aged.bytes
    return aged
  }

  function insert(key: string, entry: Entry<V>): void {
    const replaced = young.get(key)
    if (replaced !== undefined) {
      young.delete(key)
      youngBytes -= replaced.bytes
    }
    if (entry.bytes > maxBytes) return
    if (young.size >= maxEntries || youngBytes + entry.bytes > maxBytes) {
      old = young
      oldBytes = youngBytes
      young = new Map()
      youngBytes = 0
    }
    youngBytes += entry.bytes
    young.set(key, entry)
  }

  return {
    get(key) {
      const hit = young.get(key)
      if (hit !== undefined) return hit.value
      const aged = take(key)
      if (aged === undefined) return undefined
      insert(key, aged)
      return aged.value
    },
    set(key, value, bytes) {
      take(key)
      insert(key, { value, bytes })
    },
    clear() {
      young = new Map()
      old = new Map()
      youngBytes = 0
      oldBytes = 0
    },
    get size() {
      return young.size + old.size
    },
    get bytes() {
      return youngBytes + oldBytes
    },
  }
}
