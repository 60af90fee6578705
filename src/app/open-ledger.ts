import { randomBytes } from 'node:crypto'
import type { LedgerJournal } from '../kernel/ledger-store.ts'
import { createLedgerJournal } from '../repositories/ledger-journal.ts'
import type { Log } from '../stages/record/log.ts'
import { createMemoryLedger, type MemoryLedger } from '../stores/memory/ledger-store.ts'
import type { State } from './state.ts'

const purgeMs = 3_600_000

/** The ledger over the durable store, where there is one. `asking`: reads what is known and remembers nothing. */
export async function openLedger(state: State, log: Log, asking = false): Promise<MemoryLedger> {
  const { database } = state
  if (database === undefined) return createMemoryLedger({ secret: randomBytes(16) })
  const kept = createLedgerJournal(database.db)
  const journal: LedgerJournal = asking ? { ...kept, save: () => Promise.resolve() } : kept
  const ledger = createMemoryLedger({
    secret: await journal.secret(),
    journal,
    onFault: (error) => log.error({ reason: reasonOf(error) }, 'objects that were given could not be kept'),
  })
  if (asking) return ledger
  const timer = setInterval(() => {
    journal.purge(Math.floor(Date.now() / 60_000)).catch((error: unknown) => {
      log.error({ reason: reasonOf(error) }, 'objects that ended could not be removed')
    })
  }, purgeMs)
  timer.unref()
  return {
    ...ledger,
    async close() {
      clearInterval(timer)
      await ledger.close()
    },
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}
