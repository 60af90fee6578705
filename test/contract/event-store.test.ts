import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { createMemoryEventStore } from '../../src/stores/memory/event-store.ts'
import { createSqliteEventStore } from '../../src/stores/sqlite/event-store.ts'
import { eventStoreSuite } from './event-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-store-'))
let files = 0
after(() => rmSync(folder, { recursive: true, force: true }))

eventStoreSuite('memory', async () => createMemoryEventStore())
eventStoreSuite('sqlite in memory', () => createSqliteEventStore(':memory:'))
eventStoreSuite('sqlite file', () => createSqliteEventStore(join(folder, `${files++}.db`)))
// Small chunks: most of what is asked for lies in indexed ones.
eventStoreSuite('sqlite file, chunks of 8', () =>
  createSqliteEventStore(join(folder, `${files++}.db`), { chunk: 8 }),
)
