import { randomBytes } from 'node:crypto'
import type { LedgerJournal } from '../../src/kernel/ledger-store.ts'
import { createLedgerJournal } from '../../src/repositories/ledger-journal.ts'
import { createSharedLedger, type SharedLedger } from '../../src/stores/memory/shared-ledger.ts'
import { createSharedMemory, type SharedSizes } from '../../src/stores/memory/shared-memory.ts'
import { createSharedStores, type SharedStores } from '../../src/stores/memory/shared-stores.ts'
import { createSharedTaintStore } from '../../src/stores/memory/shared-taint.ts'
import { ledgerStoreSuite } from './ledger-store.ts'
import { placeStoreSuite } from './place-store.ts'
import { quotaStoreSuite } from './quota-store.ts'
import { rateStoreSuite } from './rate-store.ts'
import { replayStoreSuite } from './replay-store.ts'
import { createStateFiles } from './state-files.ts'
import { taintStoreSuite } from './taint-store.ts'
import { windowStoreSuite } from './window-store.ts'

const sizes: SharedSizes = {
  rates: 4096,
  windows: 1024,
  quotas: 1024,
  places: 1024,
  connections: 1024,
  replays: 1024,
  objects: 1 << 14,
  holders: 1024,
  destinations: 4096,
  scopes: 1024,
  flows: 64,
}

/** Two threads' stores over one memory, used in turns: to a caller they are one. */
function inTurns<T extends object>(of: (stores: SharedStores) => T, replays?: number): T {
  const memory = createSharedMemory({ ...sizes, ...(replays !== undefined && { replays }) })
  const both = [1, 2].map((owner) => of(createSharedStores({ memory, owner })))
  let turn = 0
  return new Proxy(both[0] as T, {
    get: (_one, name) => Reflect.get(both[turn++ % 2] as T, name),
  })
}

rateStoreSuite('shared memory, two threads in turns', { create: () => inTurns(({ limits }) => limits.rates) })
windowStoreSuite('shared memory, two threads in turns', {
  create: () => inTurns(({ limits }) => limits.windows),
})
quotaStoreSuite('shared memory, two threads in turns', {
  create: () => inTurns(({ limits }) => limits.quotas),
})
placeStoreSuite('shared memory, two threads in turns', {
  create: () => inTurns(({ limits }) => limits.places),
})
replayStoreSuite('shared memory, two threads in turns', {
  create: (capacity) => inTurns((stores) => stores.replays, 2 ** Math.ceil(Math.log2(capacity))),
})

taintStoreSuite('shared memory, two threads in turns', (each) => {
  // Times of the suite begin with the epoch.
  const memory = createSharedMemory(sizes, 0)
  const both = [1, 2].map((owner) => createSharedTaintStore({ memory, owner, each }))
  let turn = 0
  return new Proxy(both[0] as (typeof both)[number], {
    get: (_one, name) => Reflect.get(both[turn++ % 2] as object, name),
  })
})

const secret = randomBytes(16)
const files = createStateFiles(createLedgerJournal)
const journals = new WeakMap<
  object,
  { readonly journal: LedgerJournal; readonly all: readonly SharedLedger[] }
>()

async function ledgerOver(journal: LedgerJournal | undefined): Promise<SharedLedger> {
  const memory = createSharedMemory(sizes)
  const shared = journal === undefined ? secret : await journal.secret()
  const all = [1, 2].map((owner) =>
    createSharedLedger({
      memory,
      owner,
      secret: shared,
      batchMs: 10,
      ...(journal !== undefined && { journal }),
    }),
  )
  let turn = 0
  const one = new Proxy(all[0] as SharedLedger, {
    get: (_one, name) => Reflect.get(all[turn++ % 2] as SharedLedger, name),
  })
  if (journal !== undefined) journals.set(one, { journal, all })
  return one
}

ledgerStoreSuite('shared memory, two threads in turns', { create: () => ledgerOver(undefined) })
ledgerStoreSuite('shared memory over sqlite, two threads in turns', {
  create: async () => ledgerOver(await files.open()),
  restart: async (of) => {
    const known = journals.get(of)
    if (known === undefined) throw new Error('no ledger of this suite')
    for (const one of known.all) await one.close()
    return ledgerOver(await files.reopen(known.journal))
  },
})
