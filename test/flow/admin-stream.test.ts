import assert from 'node:assert/strict'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createAdmin } from '../../src/admin/admin.ts'
import type { OverviewReply } from '../../src/admin/contract.ts'
import { createStream, type Stream } from '../../src/admin/stream.ts'
import { createStreamRoutes } from '../../src/admin/stream-routes.ts'
import { inventoryOf } from '../../src/app/admin/inventory-view.ts'
import { createMetrics } from '../../src/stages/record/metrics/metrics.ts'
import { createMemoryEventStore } from '../../src/stores/memory/event-store.ts'
import { sampleEvent } from '../contract/event-store.ts'
import { askAdmin } from '../support/admin-client.ts'

interface Message {
  readonly event: string
  readonly id: string | undefined
  readonly data: unknown
}

/** Reads a stream as a browser does. */
async function listen(url: string, path = '/api/v1/stream', headers: Record<string, string> = {}) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url + path, { headers, agent: false }, resolve).on('error', reject)
  })
  const messages: Message[] = []
  let rest = ''
  let comments = 0
  response.setEncoding('utf8')
  response.on('error', () => undefined)
  response.on('data', (chunk: string) => {
    rest += chunk
    for (let cut = rest.indexOf('\n\n'); cut !== -1; cut = rest.indexOf('\n\n')) {
      const block = rest.slice(0, cut)
      rest = rest.slice(cut + 2)
      const field = (name: string) => new RegExp(`^${name}: ([^\\r\\n]*)$`, 'm').exec(block)?.[1]
      if (block.startsWith(':')) comments++
      const data = field('data')
      if (data !== undefined)
        messages.push({ event: field('event') ?? '', id: field('id'), data: JSON.parse(data) })
    }
  })
  return {
    response,
    messages,
    of: (event: string) => messages.filter((one) => one.event === event),
    heartbeats: () => comments,
    end: () => response.destroy(),
  }
}

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300 && !done(); tries++) await wait(10)
  assert.ok(done())
}

const finding = { id: 'f-1', kind: 'probing' }
let stillIn = true
let stream: Stream
let server: Server
let url = ''

before(async () => {
  stream = createStream({
    overview: () => ({ at: 'now' }) as OverviewReply,
    findingOf: ({ id }) => (id === finding.id ? (finding as never) : undefined),
    mostReaders: 3,
    flushMs: 20,
    overviewMs: 60,
    heartbeatMs: 50,
  })
  const admin = createAdmin({
    metrics: createMetrics({ runtime: false }),
    events: createMemoryEventStore(),
    readiness: () => ({ ready: true, reasons: [] }),
    coverage: () => ({}),
    findings: () => [],
    blocks: () => [],
    inventory: () => inventoryOf([], [], 0),
    jwks: () => ({ keys: [] }),
    loopback: 'none',
    access: {
      bearer: async () =>
        stillIn ? { name: 'v', issuer: 'corp', sub: 'v', role: 'viewer', via: 'issuer' } : undefined,
    },
    modules: [createStreamRoutes(stream)],
  })
  server = createServer(admin.handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => {
  stream.close()
  server.close()
  server.closeAllConnections()
})

const headers = { authorization: 'Bearer x' }

describe('live events', () => {
  test('need a credential', async () => {
    assert.equal((await askAdmin(url, '/api/v1/stream')).status, 401)
    assert.equal((await askAdmin(url, '/api/v1/stream?x=1', { headers })).status, 400)
  })

  test('events, findings, overviews, heartbeats; one line each, whatever is in them', async () => {
    const reader = await listen(url, undefined, headers)
    assert.equal(reader.response.headers['content-type'], 'text/event-stream; charset=utf-8')
    assert.equal(reader.response.headers['cache-control'], 'no-store')
    const path = '/a\ndata: forged\r\n\r\nevent: x\u2028'
    stream.publish(sampleEvent(1, { path }))
    stream.publish(sampleEvent(2, { id: finding.id, api: 'sallyport', operation: 'finding.probing' }))
    await until(() => reader.of('event').length === 2 && reader.heartbeats() > 0)
    assert.equal((reader.of('event')[0]?.data as { path: string } | undefined)?.path, path)
    assert.deepEqual(
      reader.of('finding').map(({ data }) => data),
      [finding],
    )
    await until(() => reader.of('overview').length > 1)
    assert.equal(reader.of('x').length, 0)
    reader.end()
    await until(() => stream.readers === 0)
  })

  test('filtered', async () => {
    const reader = await listen(url, '/api/v1/stream?outcome=denied&api=travel&stage=authorize', headers)
    for (let n = 0; n < 40; n++) stream.publish(sampleEvent(n))
    await until(() => reader.of('event').length >= 2)
    assert.deepEqual(
      reader.of('event').map(({ data }) => (data as { sequence: number }).sequence),
      [10, 20],
    )
    reader.end()
    await until(() => stream.readers === 0)
  })

  test('who comes back goes on where it was, and is told what it missed', async () => {
    const first = await listen(url, undefined, headers)
    stream.publish(sampleEvent(100))
    await until(() => first.of('event').length === 1)
    const last = String(first.of('event')[0]?.id)
    first.end()
    await until(() => stream.readers === 0)
    for (let n = 101; n < 110; n++) stream.publish(sampleEvent(n))
    const again = await listen(url, undefined, { ...headers, 'last-event-id': last })
    await until(() => again.of('event').length === 9)
    again.end()
    await until(() => stream.readers === 0)
    for (let n = 0; n < 2_000; n++) stream.publish(sampleEvent(n))
    const late = await listen(url, undefined, { ...headers, 'last-event-id': last })
    await until(() => late.of('lost').length > 0)
    assert.equal((late.of('lost')[0]?.data as { count: number } | undefined)?.count, 9 + 2_000 - 500)
    late.end()
    for (const odd of ['x', '00000000.5', `${last}999999`, "' or 1=1", '../..']) {
      const reader = await listen(url, undefined, { ...headers, 'last-event-id': odd })
      reader.end()
    }
    await until(() => stream.readers === 0)
  })

  test('a burst is cut and counted; other readers lose nothing by it', async () => {
    const reader = await listen(url, undefined, headers)
    const before = stream.lost
    for (let n = 0; n < 1_000; n++) stream.publish(sampleEvent(n))
    await until(() => reader.of('lost').length > 0)
    assert.deepEqual(reader.of('lost')[0]?.data, { count: 900 })
    assert.equal(stream.lost - before, 900)
    assert.equal(reader.of('event').length, 100)
    reader.end()
    await until(() => stream.readers === 0)
  })

  test('a reader that does not read costs a bounded buffer', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write(`GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n\r\n`)
    socket.pause()
    await until(() => stream.readers === 1)
    const before = stream.lost
    const held = process.memoryUsage().external
    for (let turn = 0; turn < 150; turn++) {
      for (let n = 0; n < 100; n++) stream.publish(sampleEvent(n, { path: 'x'.repeat(2_000) }))
      await wait(5)
      if (stream.lost - before > 3_000) break
    }
    assert.ok(stream.lost > before)
    assert.ok(process.memoryUsage().external - held < 32 * 1_048_576)
    socket.destroy()
    await until(() => stream.readers === 0)
  })

  test('readers are bounded', async () => {
    const readers = [await listen(url, undefined, headers), await listen(url, undefined, headers)]
    readers.push(await listen(url, undefined, headers))
    const refused = await askAdmin(url, '/api/v1/stream', { headers })
    assert.equal(refused.status, 503)
    assert.equal(refused.headers['retry-after'], '5')
    for (const reader of readers) reader.end()
    await until(() => stream.readers === 0)
  })

  test('ends where the reader may no longer be here', async () => {
    const reader = await listen(url, undefined, headers)
    await until(() => stream.readers === 1)
    stillIn = false
    await until(() => stream.readers === 0)
    stillIn = true
    reader.end()
  })
})
