import { randomBytes } from 'node:crypto'
import type { LedgerJournal } from '../../kernel/ledger-store.ts'
import { createLedgerJournal } from '../../repositories/ledger-journal.ts'
import type { Log } from '../../stages/record/log.ts'
import { createMemoryLedger, type MemoryLedger } from '../../stores/memory/ledger-store.ts'
import { createRedisLedgerJournal, type RedisLedgerJournal } from '../../stores/redis/ledger-journal.ts'
import type { RedisLink } from '../../stores/redis/link.ts'
import { joinJournals } from './joined-journal.ts'
import type { State } from './state.ts'

const purgeMs = 3_600_000

/** Where a ledger is kept: in the durable store, in the one that machines share, in both or in none. */
export function openJournal(
  { database }: State,
  link: RedisLink | undefined,
): { readonly kept: LedgerJournal | undefined; readonly shared: RedisLedgerJournal | undefined } {
  const shared = link === undefined ? undefined : createRedisLedgerJournal(link)
  const durable = database === undefined ? undefined : createLedgerJournal(database.db)
  const kept =
    durable === undefined || shared === undefined ? (durable ?? shared) : joinJournals(durable, shared)
  return { kept, shared }
}

/** The ledger over the durable store, where there is one. `asking`: reads what is known and remembers nothing. */
export async function openLedger(
  state: State,
  log: Log,
  asking = false,
  link?: RedisLink,
): Promise<MemoryLedger> {
  const { kept, shared } = openJournal(state, link)
  if (kept === undefined) return createMemoryLedger({ secret: randomBytes(16) })
  const journal: LedgerJournal = asking ? { ...kept, save: () => Promise.resolve() } : kept
  const ledger = createMemoryLedger({
    secret: await journal.secret(),
    journal,
    // Others are to know soon.
    ...(shared !== undefined && { batchMs: 20 }),
    onFault: (error) => log.error({ reason: reasonOf(error) }, 'objects that were given could not be kept'),
  })
  if (asking) return ledger
  await shared?.listen(({ holder, removed }) => ledger.changed(holder, removed))
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
