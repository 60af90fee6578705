import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Matched } from '../src/kernel/facts.ts'
import { createChain } from '../src/stages/record/chain/chain.ts'
import { createMetrics } from '../src/stages/record/metrics/metrics.ts'
import { createRecord } from '../src/stages/record/record.ts'
import { ok, sizes } from '../src/stages/record/sink.fixture.ts'
import { createStoreSink } from '../src/stages/record/sinks/store-sink.ts'
import { createSqliteEventStore } from '../src/stores/sqlite/event-store.ts'

/** What keeping events in SQLite costs at one rate. */
export interface Durable {
  /** Events a second that were on record when the last was. */
  readonly perSecond: number
  readonly lost: number
  /** µs of CPU an event: of the thread that serves calls, and of the database's. */
  readonly calling: number
  readonly writing: number
}

/** Notes `rate` calls a second for `seconds` and waits until all are in the database. `made`: gives calls. */
export async function measureDurable(
  rate: number,
  seconds: number,
  made: (count: number) => readonly Matched[],
): Promise<Durable> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-durable-'))
  const store = await createSqliteEventStore(join(folder, 'events.db'))
  const metrics = createMetrics({ runtime: false })
  const record = createRecord({
    sinks: [createStoreSink(store)],
    metrics,
    chain: createChain({ key: generateKeyPairSync('ed25519').privateKey }),
    // What does not fit is not lost here but shows as a lower rate.
    queueLimit: rate * seconds,
  })
  const total = rate * seconds
  const calls = made(total)
  const cpu = process.cpuUsage()
  const thread = process.threadCpuUsage()
  const started = performance.now()
  for (let done = 0; done < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * rate))
    for (; done < due; done++) record.call(calls[done] as Matched, ok, undefined, sizes)
    await pause(1)
  }
  // Flushing would serialise all that waits in one piece.
  while (record.waiting > 0) await pause(5)
  const took = performance.now() - started
  const all = process.cpuUsage(cpu)
  const own = process.threadCpuUsage(thread)
  const kept = await countOf(store)
  await record.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
  const spent = own.user + own.system
  return {
    perSecond: (kept / took) * 1000,
    lost: total - kept,
    calling: spent / total,
    writing: (all.user + all.system - spent) / total,
  }
}

async function countOf(store: Awaited<ReturnType<typeof createSqliteEventStore>>): Promise<number> {
  let count = 0
  for await (const _ of store.lines({})) count++
  return count
}
