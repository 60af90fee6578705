// How long the queries of the console take, over HTTP, on a store of many events. `npm run bench:console`. [--events N]
// (1,000,000; ten million need 12 GB of disk and some ten minutes to fill), [--keep FILE] to fill once and ask again.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createAdmin } from '../src/admin/admin.ts'
import type { EventsReply } from '../src/admin/contract.ts'
import { createOverviewRoutes } from '../src/admin/overview/overview-routes.ts'
import { createTraffic } from '../src/admin/overview/traffic.ts'
import { inventoryOf } from '../src/app/admin/inventory-view.ts'
import { createMetrics } from '../src/stages/record/metrics/metrics.ts'
import { createSqliteEventStore } from '../src/stores/sqlite/event-store.ts'
import { eventAt } from './console/events.ts'
import { formatTable } from './table.ts'

/** A query of the console, on ten million stored events. */
const goalMs = 200
const rounds = 7

const { values } = parseArgs({
  options: { events: { type: 'string', default: '1000000' }, keep: { type: 'string' } },
})
const count = Number(values.events)
if (!Number.isSafeInteger(count) || count < 1_000) {
  console.error('bench:console: [--events N] [--keep FILE]')
  process.exit(2)
}
const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-console-'))
const file = values.keep ?? join(folder, 'events.db')
const isThere = existsSync(file)
const store = await createSqliteEventStore(file)
const end = Date.UTC(2026, 10, 1)
const traffic = createTraffic(end - 86_400_000)
const posture = { score: 0, enforced: 0, observed: 0, missing: 0 }
const admin = createAdmin({
  metrics: createMetrics({ runtime: false }),
  events: store,
  readiness: () => ({ ready: true, reasons: [] }),
  coverage: () => ({}),
  findings: () => [],
  blocks: () => [],
  inventory: () => inventoryOf([], [], 0),
  jwks: () => ({ keys: [] }),
  modules: [createOverviewRoutes((window) => ({ ...traffic.view(window, end), openFindings: 0, posture }))],
})
const server = createServer(admin.handle)

try {
  if (!isThere) await fill()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const rows: string[][] = []
  let worst = 0
  for (const [title, query] of queriesOf()) {
    const times: number[] = []
    let last: Asked = { ms: 0, found: 0, more: false }
    for (let round = 0; round < rounds; round++) {
      last = await ask(query)
      times.push(last.ms)
    }
    const [first = 0] = times
    times.sort((a, b) => a - b)
    const median = times[Math.floor(rounds / 2)] ?? 0
    worst = Math.max(worst, median)
    rows.push([title, first.toFixed(1), median.toFixed(1), String(last.found), last.more ? 'yes' : ''])
  }
  console.log(formatTable([['query of a page of 50', 'first ms', 'median ms', 'found', 'goes on'], ...rows]))
  console.log(
    `\nslowest median ${worst.toFixed(0)} ms ≤ ${goalMs} ms on ${count.toLocaleString('en')} events: ${worst <= goalMs ? 'reached' : 'missed'}`,
  )
} finally {
  server.close()
  server.closeAllConnections()
  await store.close()
  rmSync(folder, { recursive: true })
}

interface Asked {
  readonly ms: number
  readonly found: number
  readonly more: boolean
}

async function ask(query: string): Promise<Asked> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/${query}`
  const started = performance.now()
  const reply = (await (await fetch(url)).json()) as Partial<EventsReply>
  const ms = performance.now() - started
  return { ms, found: reply.events?.length ?? 1, more: (reply.next ?? null) !== null }
}

function queriesOf(): readonly (readonly [string, string])[] {
  const middle = eventAt(Math.floor(count / 2), count, end)
  const day = new Date(end - 15 * 86_400_000).toISOString()
  const hour = new Date(end - 15 * 86_400_000 + 3_600_000).toISOString()
  return [
    ['newest', 'events'],
    ['a page in the middle', `events?before=${Math.floor(count / 2)}`],
    ['an hour of two weeks ago', `events?since=${day}&until=${hour}`],
    ['one event by id', `events/${middle.id}`],
    ['refused', 'events?outcome=denied'],
    ['not refused', 'events?outcome=allowed'],
    ['refused by a stage', 'events?stage=limit'],
    ['one code', 'events?code=AUTHORIZE_OBJECT'],
    ['a code that never was', 'events?code=SCREEN_SECRET'],
    ['a frequent caller', 'events?sub=user-0'],
    ['a caller with 5 calls', 'events?sub=rare-caller'],
    ['a frequent caller, refused by a stage', 'events?sub=user-0&stage=inspect'],
    ['an address', `events?address=${middle.address}`],
    ['an operation of an API', 'events?api=travel&operation=operation7'],
    ['an operation, 5 calls, API not named', 'events?operation=rareOperation'],
    ['operations that begin with', 'events?operationPrefix=operation1'],
    ['an API', 'events?api=billing'],
    ['an issuer', 'events?issuer=partners'],
    ['an issuer that never was', 'events?issuer=nobody'],
    ['a method', 'events?method=POST'],
    ['a status below 400 that never was', 'events?status=302'],
    ['a text in many events', 'events?q=bookings'],
    ['a text in one event', `events?q=bookings/${Math.floor(count / 2)}`],
    ['a text in none, refused by a stage', 'events?q=nothing-like-it&stage=limit'],
    ['overview, 15 minutes', 'overview?window=15m'],
    ['overview, 24 hours', 'overview?window=24h'],
  ]
}

async function fill(): Promise<void> {
  const started = performance.now()
  const batch = 5_000
  for (let at = 0; at < count; at += batch) {
    const events = Array.from({ length: Math.min(batch, count - at) }, (_, i) => eventAt(at + i, count, end))
    for (const event of events) if (event.time > end - 86_400_000) traffic.observe(event)
    await store.append(events)
    if (process.stderr.isTTY) process.stderr.write(`\r${(((at + batch) / count) * 100).toFixed(0)} % filled`)
  }
  const seconds = (performance.now() - started) / 1000
  process.stderr.write(`${process.stderr.isTTY ? '\r' : ''}${(count / seconds).toFixed(0)} events/s filled\n`)
}
