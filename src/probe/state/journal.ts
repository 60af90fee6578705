import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'

/** What the probe made and has not taken away yet. */
export interface JournalEntry {
  readonly n: number
  readonly operation: string
  readonly type: string
  readonly id: string
  /** Name of the identity that made it. */
  readonly identity: string | undefined
  /** Path without credentials that takes it away, with its method; undefined where the contract has none. */
  readonly undo: { readonly method: string; readonly path: string; readonly body?: string } | undefined
  /** What was changed, where it is no new object. */
  readonly changed?: string
}

/**
 * A file with a line for everything that is made or changed, written before the next request: after a crash it says exactly what is
 * left. It goes when nothing is left.
 */
export interface Journal {
  readonly file: string | undefined
  made(entry: Omit<JournalEntry, 'n'>): number
  undone(n: number): void
  left(): readonly JournalEntry[]
  close(): void
}

export function createJournal(file: string | undefined): Journal {
  const open = new Map<number, JournalEntry>()
  let next = 1
  const write = (line: object): void => {
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 })
  }
  return {
    file,
    made(entry) {
      const n = next++
      open.set(n, { n, ...entry })
      write({ made: { n, ...entry } })
      return n
    },
    undone(n) {
      if (!open.delete(n)) return
      write({ undone: n })
    },
    left: () => [...open.values()],
    close() {
      if (file !== undefined && open.size === 0 && existsSync(file)) rmSync(file)
    },
  }
}

/** Entries of a journal that were never undone. */
export function readJournal(file: string): readonly JournalEntry[] {
  const open = new Map<number, JournalEntry>()
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line.trim() === '') continue
    try {
      const { made, undone } = JSON.parse(line) as { made?: JournalEntry; undone?: number }
      if (made !== undefined) open.set(made.n, made)
      if (undone !== undefined) open.delete(undone)
    } catch {
      // The last line of a file that was being written.
    }
  }
  return [...open.values()]
}
