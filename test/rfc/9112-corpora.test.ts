import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createListeners, type Listeners } from '../../src/stages/listen/create-listeners.ts'
import { type CaseRow, readCases } from '../cases.ts'
import { CountingDoor } from './counting-door.ts'
import { type RawAnswer, sendRaw } from './raw-client.ts'

interface HttpRow extends CaseRow {
  readonly raw_b64: string
  readonly has_host?: boolean
}

/** What one case did: its answer and what the door of its own listener saw. */
interface Outcome {
  readonly row: HttpRow
  readonly answer: RawAnswer
  readonly door: CountingDoor
}

/** Several listeners, so that cases can run side by side and still be counted apart. */
const lanes: { door: CountingDoor; port: number; listeners: Listeners }[] = []

before(async () => {
  for (let lane = 0; lane < 16; lane += 1) {
    const door = new CountingDoor()
    const listeners = await createListeners({ listeners: [{ host: '127.0.0.1', port: 0 }] }, door)
    lanes.push({ door, listeners, port: listeners.addresses[0]?.port ?? 0 })
  }
})
after(() => Promise.all(lanes.map(({ listeners }) => listeners.close(0))))

async function runAll(rows: readonly HttpRow[], bytesOf: (row: HttpRow) => Buffer): Promise<Outcome[]> {
  const queue = [...rows]
  const outcomes: Outcome[] = []
  await Promise.all(
    lanes.map(async (lane) => {
      for (let row = queue.shift(); row !== undefined; row = queue.shift()) {
        const door = new CountingDoor()
        lane.listeners.swap(door)
        outcomes.push({ row, answer: await sendRaw(lane.port, bytesOf(row)), door })
      }
    }),
  )
  return outcomes
}

const raw = (row: HttpRow): Buffer => Buffer.from(row.raw_b64, 'base64')
const refused = ({ answer, door }: Outcome): boolean =>
  door.seen.length === 0 && answer.statuses.every((status) => status >= 400) && answer.closed

/** Well-formed requests in one row: RFC 9112 reads them as these many, and nothing else may come out. */
const pipelined = new Map([['http_garden_trophies:1b440af22cc2', 2]])

/** Exactly one request (or as many as are there), its body ended by one rule, and no framing field left for another server to read. */
function isOneSoundRequest({ row, door }: Outcome): boolean {
  if (door.entered !== (pipelined.get(row.id) ?? 1)) return false
  const names = door.seen.flatMap(({ arrived }) => arrived.fields.flat.filter((_, i) => i % 2 === 0))
  return names.every((name) => !/transfer.?encoding|content.?length/.test(name))
}

const describe = ({ row, answer, door }: Outcome): string =>
  `${row.id} ${row.title}: ${answer.statuses.join(' ') || 'silence'}, ${door.entered} entered, ${answer.closed ? 'closed' : 'open'}`

test('llhttp: requests that must be rejected are refused with 4xx or 5xx and the connection closes', async (t) => {
  const rows = readCases<HttpRow>(t, 'http/llhttp').filter((r) => r.category === 'request_must_reject')
  if (rows.length === 0) return
  const outcomes = await runAll(rows, raw)
  const wrong = outcomes.filter((outcome) => !refused(outcome))
  t.diagnostic(`${rows.length} cases, ${outcomes.length - wrong.length} refused`)
  assert.deepEqual(wrong.map(describe), [])
})

test('llhttp: requests that must be accepted enter, or get a clean refusal', async (t) => {
  const rows = readCases<HttpRow>(t, 'http/llhttp').filter((r) => r.category === 'request_must_accept')
  if (rows.length === 0) return
  const outcomes = await runAll(rows, (row) => (row.has_host === true ? raw(row) : withHost(raw(row))))
  const accepted = outcomes.filter(
    ({ answer, door }) => door.seen.length > 0 && answer.statuses.every((status) => status === 200),
  )
  const clean = outcomes.filter(
    (o) =>
      !accepted.includes(o) &&
      o.door.seen.length === 0 &&
      o.answer.statuses[0] !== undefined &&
      o.answer.statuses[0] >= 400,
  )
  t.diagnostic(`${rows.length} cases, ${accepted.length} accepted, ${clean.length} refused`)
  for (const outcome of clean) t.diagnostic(`refused: ${describe(outcome)}`)
  const wrong = outcomes.filter((o) => !accepted.includes(o) && !clean.includes(o))
  assert.deepEqual(wrong.map(describe), [])
})

test('smuggler: no mutation of framing fields gives a second request', async (t) => {
  const rows = readCases<HttpRow>(t, 'http/smuggler_mutations')
  if (rows.length === 0) return
  const outcomes = await runAll(rows, raw)
  const out = outcomes.filter(refused)
  const wrong = outcomes.filter((o) => !refused(o) && !isOneSoundRequest(o))
  t.diagnostic(
    `${rows.length} cases, ${out.length} refused, ${rows.length - out.length - wrong.length} one sound request`,
  )
  assert.deepEqual(wrong.map(describe), [])
})

test('http-garden: what real servers read differently is refused, or is one sound request', async (t) => {
  const rows = readCases<HttpRow>(t, 'http/http_garden_trophies')
  if (rows.length === 0) return
  const outcomes = await runAll(rows, raw)
  const out = outcomes.filter(refused)
  const wrong = outcomes.filter((o) => !refused(o) && !isOneSoundRequest(o))
  t.diagnostic(
    `${rows.length} cases, ${out.length} refused, ${rows.length - out.length - wrong.length} one sound request`,
  )
  assert.deepEqual(wrong.map(describe), [])
})

/** The same request with a Host field after its request line. */
function withHost(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1')
  return Buffer.from(text.replaceAll(/^([A-Z-]+ \S+ [A-Z]+\/\d\.\d\r\n)/gm, '$1Host: a\r\n'), 'latin1')
}
