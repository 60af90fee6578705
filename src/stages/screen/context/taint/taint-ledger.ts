import { createHmac, randomBytes } from 'node:crypto'
import { destinationsOf } from './destinations.ts'

export interface TaintLedgerOptions {
  /** Callers that are remembered; the one that was quiet longest goes first. */
  readonly callers?: number
  /** Destinations remembered for one caller, of each kind of memory. */
  readonly each?: number
  /** How long a destination is remembered. */
  readonly ttlMs?: number
}

/**
 * Which destinations a caller first saw in the text of others. Holds salted digests, never a destination. What the caller
 * had named before, or got from operations that are trusted, is not foreign to it.
 */
export interface TaintLedger {
  /** Texts that the caller was shown by an operation whose texts come from others. */
  shown(caller: string, texts: Iterable<string>, now: number): void
  /** Texts that the caller wrote itself, or was shown by an operation that is trusted. */
  known(caller: string, texts: Iterable<string>, now: number): void
  /** How many destinations of these texts the caller knows from the text of others alone. */
  tainted(caller: string, texts: Iterable<string>, now: number): number
}

interface Memory {
  readonly foreign: Map<string, number>
  readonly own: Map<string, number>
}

export function createTaintLedger(options: TaintLedgerOptions = {}): TaintLedger {
  const { callers = 10_000, each = 512, ttlMs = 24 * 3_600_000 } = options
  const salt = randomBytes(32)
  const memories = new Map<string, Memory>()

  const digest = (destination: string): string =>
    createHmac('sha256', salt).update(destination).digest('latin1').slice(0, 12)

  function memoryOf(caller: string): Memory {
    const known = memories.get(caller)
    const memory = known ?? { foreign: new Map(), own: new Map() }
    // Last in the map is the one that was heard of last.
    if (known !== undefined) memories.delete(caller)
    memories.set(caller, memory)
    if (memories.size > callers) memories.delete(memories.keys().next().value ?? '')
    return memory
  }

  function remember(map: Map<string, number>, key: string, until: number): void {
    map.delete(key)
    map.set(key, until)
    if (map.size > each) map.delete(map.keys().next().value ?? '')
  }

  return {
    shown(caller, texts, now) {
      let memory: Memory | undefined
      for (const text of texts)
        for (const destination of destinationsOf(text)) {
          memory ??= memoryOf(caller)
          const key = digest(destination)
          if (!isLive(memory.own, key, now)) remember(memory.foreign, key, now + ttlMs)
        }
    },
    known(caller, texts, now) {
      let memory: Memory | undefined
      for (const text of texts)
        for (const destination of destinationsOf(text)) {
          memory ??= memoryOf(caller)
          const key = digest(destination)
          if (!isLive(memory.foreign, key, now)) remember(memory.own, key, now + ttlMs)
        }
    },
    tainted(caller, texts, now) {
      const memory = memories.get(caller)
      if (memory === undefined || memory.foreign.size === 0) return 0
      let count = 0
      for (const text of texts)
        for (const destination of destinationsOf(text))
          if (isLive(memory.foreign, digest(destination), now)) count++
      return count
    },
  }
}

function isLive(map: ReadonlyMap<string, number>, key: string, now: number): boolean {
  return (map.get(key) ?? 0) > now
}
