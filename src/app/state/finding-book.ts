import type { Clock } from '../../kernel/clock.ts'
import type { FindingStore, KeptFinding, KeptResponse } from '../../kernel/finding-store.ts'
import { createOutbox } from './outbox.ts'

/** What was noticed: known here at once, kept within a fraction of a second, known in other processes within seconds. */
export interface FindingBook {
  /** Newest first. */
  findings(): readonly KeptFinding[]
  add(finding: Omit<KeptFinding, 'responses'>): void
  /** Notes what was done about a finding; resolves when that is kept. */
  respond(id: string, response: KeptResponse): Promise<void>
  /** Loads what is kept, then keeps up with what changes. Without it findings end with the process. */
  follow(store: FindingStore): Promise<void>
  close(): Promise<void>
}

/** Findings in memory; those that were written longest ago go. */
const mostKnown = 1_000
/** Findings in the database, and how long they stay there. */
const mostKept = 10_000
const keptMs = 90 * 86_400_000
const mostResponses = 50
const page = 500
const everyMs = 2_000
const purgeEvery = 300

export function createFindingBook(clock: Clock, onFault: (error: unknown) => void): FindingBook {
  const known = new Map<string, KeptFinding>()
  let newest: KeptFinding[] | undefined = []
  let store: FindingStore | undefined
  let timer: NodeJS.Timeout | undefined
  let change: number | undefined
  let reading = false
  let turns = 0
  const outbox = createOutbox<KeptFinding>({
    write: async (rows) => store?.put(rows),
    most: mostKnown,
    onFault,
  })

  function know(finding: KeptFinding): void {
    if (!known.has(finding.id) && known.size >= mostKnown) known.delete(known.keys().next().value ?? '')
    known.set(finding.id, finding)
    newest = undefined
  }

  async function read(from: FindingStore): Promise<void> {
    // What is on its way is newer than what is there.
    if (reading || outbox.busy) return
    reading = true
    try {
      for (;;) {
        const rows = await from.since(change, change === undefined ? mostKnown : page)
        for (const row of rows) {
          change = row.change
          know(row.finding)
        }
        change ??= 0
        if (rows.length < page) return
      }
    } finally {
      reading = false
    }
  }

  return {
    findings() {
      newest ??= [...known.values()].reverse().sort((a, b) => b.time - a.time)
      return newest
    },
    add(finding) {
      const kept = { ...finding, responses: [] }
      know(kept)
      if (store !== undefined) outbox.add(kept)
    },
    async respond(id, response) {
      const finding = known.get(id)
      if (finding === undefined) return
      know({ ...finding, responses: [...finding.responses, response].slice(-mostResponses) })
      if (store === undefined) return
      await outbox.flush()
      await store.respond(id, response)
    },
    async follow(from) {
      await from.purge(clock.now() - keptMs, mostKept)
      await read(from)
      store = from
      timer ??= setInterval(() => {
        if (++turns % purgeEvery === 0) from.purge(clock.now() - keptMs, mostKept).catch(onFault)
        read(from).catch(onFault)
      }, everyMs).unref()
    },
    async close() {
      clearInterval(timer)
      await outbox.close()
    },
  }
}
