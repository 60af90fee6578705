import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { ownEvent } from '../../src/app/observe/own-event.ts'
import type { AuditEvent } from '../../src/kernel/event.ts'
import { type Chain, createChain } from '../../src/stages/record/chain/chain.ts'
import { verifyChain } from '../../src/stages/record/chain/verify-chain.ts'
import {
  createSqliteEventStore,
  type SqliteEventStore,
  type SqliteEventStoreOptions,
} from '../../src/stores/sqlite/event-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-retention-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const { privateKey } = generateKeyPairSync('ed25519')
const publicKey = createPublicKey(privateKey)
let made = 0

async function open(
  options: SqliteEventStoreOptions,
): Promise<{ store: SqliteEventStore; file: string; gone: number[] }> {
  const file = join(folder, `${made++}.db`)
  const gone: number[] = []
  const store = await createSqliteEventStore(file, {
    chunk: 10,
    expireEveryMs: 20,
    onExpired: (events) => gone.push(events),
    ...options,
  })
  return { store, file, gone }
}

/** Chained events of one run. */
function writer(
  chain: Chain,
  pad = '',
): (store: SqliteEventStore, count: number, time: number) => Promise<void> {
  let sequence = 0
  return async (store, count, time) => {
    const events: AuditEvent[] = []
    for (let n = 0; n < count; n++) {
      sequence++
      events.push({ ...ownEvent('test', pad, { time: time + n }), sequence })
    }
    await store.append(
      events,
      events.map((event) => chain.line(event)),
    )
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !holds(); tries++) await wait(25)
  assert.ok(holds())
}

describe('retention', () => {
  test('what stays of a run verifies from the next signature; nothing is missing in between', async () => {
    const { store, gone } = await open({ retention: { rows: 35 } })
    const chain = createChain({ key: privateKey, signEvery: 15 })
    const write = writer(chain)
    for (let n = 0; n < 10; n++) await write(store, 20, Date.now())
    await until(() => gone.reduce((sum, one) => sum + one, 0) >= 150)
    const report = await verifyChain(store.lines({}), publicKey)
    assert.equal(report.bad, undefined)
    const [run] = report.runs
    assert.ok((run?.first ?? 0) >= 150 && (run?.first ?? 0) <= 165, String(run?.first))
    assert.equal(run?.last, 199)
    assert.ok((run?.signatures ?? 0) >= 1)
    assert.equal(report.lines + gone.reduce((sum, one) => sum + one, 0), 200)
    // Whoever takes something out of the middle is found, all the same.
    const lines: string[] = []
    for await (const line of store.lines({})) lines.push(line)
    lines.splice(10, 1)
    assert.equal((await verifyChain(lines, publicKey)).bad?.flaw, 'missing')
    await store.close()
  })

  test('an old event between young ones stays: a run gets no gap', async () => {
    const { store } = await open({ retention: { ageMs: 60_000 } })
    const write = writer(createChain({ key: privateKey, signEvery: 5 }))
    const now = Date.now()
    await write(store, 15, now - 120_000)
    await write(store, 15, now)
    await write(store, 10, now - 120_000)
    await write(store, 15, now)
    await wait(300)
    const report = await verifyChain(store.lines({}), publicKey)
    assert.equal(report.bad, undefined)
    assert.ok(report.lines >= 40 && report.lines < 55, String(report.lines))
    await store.close()
  })

  test('a file keeps below its size, whatever is written, and writes go on meanwhile', async () => {
    const bytes = 400_000
    const { store, file, gone } = await open({ retention: { bytes } })
    const write = writer(createChain({ key: privateKey, signEvery: 10 }), 'x'.repeat(2_000))
    for (let n = 0; n < 40; n++) {
      await write(store, 20, Date.now())
      await wait(10)
    }
    await until(() => gone.length > 0)
    await wait(300)
    const report = await verifyChain(store.lines({}), publicKey)
    assert.equal(report.bad, undefined)
    assert.ok(report.lines < 250, String(report.lines))
    await store.close()
    assert.ok(statSync(file).size < 4 * bytes, String(statSync(file).size))
  })

  test('nothing goes where nothing is said', async () => {
    const { store, gone } = await open({})
    await writer(createChain({ key: privateKey }))(store, 50, 1)
    await wait(100)
    assert.equal((await store.query({}, 500)).events.length, 50)
    assert.deepEqual(gone, [])
    await store.close()
  })
})
