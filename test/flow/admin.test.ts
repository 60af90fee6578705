import assert from 'node:assert/strict'
import { request as ask, createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { type Admin, type AdminOptions, createAdmin } from '../../src/admin/admin.ts'
import type { EventsReply, ProblemReply } from '../../src/admin/contract.ts'
import { assertLoopback, isLoopback } from '../../src/admin/loopback.ts'
import { inventoryOf } from '../../src/app/admin/inventory-view.ts'
import { Unusable } from '../../src/kernel/finding.ts'
import { createMetrics } from '../../src/stages/record/metrics/metrics.ts'
import { createMemoryEventStore } from '../../src/stores/memory/event-store.ts'
import { sampleEvent } from '../contract/event-store.ts'

interface Got {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

function get(
  server: Server,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Got> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const sent = ask({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

async function start(admin: Admin): Promise<Server> {
  const server = createServer(admin.handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

const events = createMemoryEventStore()
let ready = true
const faults: string[] = []
const options: AdminOptions = {
  metrics: createMetrics({ runtime: false }),
  events,
  readiness: () => ({ ready, reasons: ready ? [] : ['keys of issuer travel are not loaded'] }),
  inventory: () => inventoryOf([], [], 0),
  coverage: () => ({ operations: [] }),
  findings: () => [],
  blocks: () => [],
  jwks: () => ({ keys: [{ kty: 'EC', kid: '1' }] }),
  onFault: (_error, operationId) => faults.push(operationId),
}

describe('admin API', () => {
  let server: Server
  before(async () => {
    await events.append(Array.from({ length: 60 }, (_, i) => sampleEvent(i)))
    server = await start(createAdmin(options))
  })
  after(() => server.close())

  test('answers health, readiness, metrics, keys and coverage', async () => {
    assert.deepEqual(JSON.parse((await get(server, '/healthz')).text), { status: 'ok' })
    assert.equal((await get(server, '/readyz')).status, 200)
    ready = false
    const notReady = await get(server, '/readyz')
    ready = true
    assert.equal(notReady.status, 503)
    assert.deepEqual(JSON.parse(notReady.text), {
      ready: false,
      reasons: ['keys of issuer travel are not loaded'],
    })
    const metrics = await get(server, '/metrics')
    assert.match(metrics.headers['content-type'] ?? '', /^text\/plain/)
    assert.match(metrics.text, /^# TYPE sallyport_requests_total counter$/m)
    assert.match((await get(server, '/.well-known/sallyport/jwks.json')).text, /"kid":"1"/)
    assert.deepEqual(JSON.parse((await get(server, '/api/v1/coverage')).text), { operations: [] })
  })

  test('lists events by filter and page', async () => {
    const first = JSON.parse((await get(server, '/api/v1/events?limit=4&outcome=denied')).text) as EventsReply
    assert.deepEqual(
      first.events.map((event) => event.sequence),
      [50, 40, 30, 20],
    )
    assert.ok(first.next)
    const second = JSON.parse(
      (await get(server, `/api/v1/events?limit=4&outcome=denied&before=${first.next}`)).text,
    ) as EventsReply
    assert.deepEqual(
      second.events.map((event) => event.sequence),
      [10, 0],
    )
    assert.equal(second.next, null)
    const all = JSON.parse((await get(server, '/api/v1/events')).text) as EventsReply
    assert.equal(all.events.length, 50)
    const since = encodeURIComponent(new Date(1_900_000_000_058).toISOString())
    const late = JSON.parse((await get(server, `/api/v1/events?since=${since}`)).text) as EventsReply
    assert.deepEqual(
      late.events.map((event) => event.sequence),
      [59, 58],
    )
  })

  test('gives one event by its id', async () => {
    const got = await get(server, '/api/v1/events/req-7')
    assert.equal((JSON.parse(got.text) as { sequence: number }).sequence, 7)
    assert.equal((await get(server, '/api/v1/events/req-none')).status, 404)
  })

  const wrong: readonly (readonly [string, string, string])[] = [
    ['limit=0', 'limit', 'range'],
    ['limit=501', 'limit', 'range'],
    ['limit=ten', 'limit', 'type'],
    ['limit=1&limit=2', 'limit', 'repeated'],
    ['since=yesterday', 'since', 'type'],
    ['since=2026-13-45T00:00:00Z', 'since', 'type'],
    ['outcome=maybe', 'outcome', 'enum'],
    ['status=99', 'status', 'range'],
    [`sub=${'x'.repeat(513)}`, 'sub', 'length'],
    ['order=desc', 'order', 'undeclared'],
    ['__proto__=1', '__proto__', 'undeclared'],
  ]
  for (const [query, parameter, code] of wrong) {
    test(`refuses ?${query.slice(0, 30)}`, async () => {
      const got = await get(server, `/api/v1/events?${query}`)
      assert.equal(got.status, 400)
      const problem = JSON.parse(got.text) as ProblemReply
      assert.equal(problem.code, 'ADMIN_QUERY')
      assert.deepEqual(problem.errors, [{ parameter, code }])
    })
  }

  test('a route without parameters refuses any', async () => {
    assert.equal((await get(server, '/healthz?x=1')).status, 400)
  })

  test('refusals are RFC 9457 and tell nothing', async () => {
    const got = await get(server, '/api/v1/secret/<script>')
    const problem = JSON.parse(got.text) as ProblemReply
    assert.equal(got.headers['content-type'], 'application/problem+json')
    assert.deepEqual(problem, {
      type: 'urn:sallyport:problem:admin-not-found',
      title: 'Not found',
      status: 404,
      code: 'ADMIN_NOT_FOUND',
      instance: got.headers['x-request-id'],
    })
  })

  test('a broken source is a 503 without its message', async () => {
    const broken = await start(
      createAdmin({
        ...options,
        coverage: () => {
          throw new Error('secret path /etc/keys')
        },
      }),
    )
    const got = await get(broken, '/api/v1/coverage')
    broken.close()
    assert.equal(got.status, 503)
    assert.doesNotMatch(got.text, /secret|etc/)
    assert.deepEqual(faults, ['coverage'])
  })

  test('other names than this machine are misdirected (DNS rebinding, CVE-2020-11710)', async () => {
    const { port } = server.address() as AddressInfo
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '0.0.0.0',
      '169.254.169.254',
      '[::2]',
      'localhost@evil.example',
      'localhost:1:2',
    ])
      assert.equal((await get(server, '/api/v1/events', { host })).status, 421, host)
    for (const host of ['localhost', `localhost:${port}`, 'LOCALHOST', '127.0.0.1', `[::1]:${port}`])
      assert.equal((await get(server, '/api/v1/events', { host })).status, 200, host)
    const named = await start(createAdmin({ ...options, hosts: ['admin.example'] }))
    assert.equal((await get(named, '/healthz', { host: 'admin.example' })).status, 200)
    named.close()
  })

  test('another site changes nothing and reads nothing', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const origin = { origin: 'https://evil.example' }
      assert.equal((await get(server, '/api/v1/events', origin, method)).status, 403, method)
      assert.equal((await get(server, '/api/v1/events', { origin: 'null' }, method)).status, 403, method)
      assert.equal(
        (await get(server, '/api/v1/events', { 'sec-fetch-site': 'cross-site' }, method)).status,
        403,
      )
      const own = await get(server, '/api/v1/events', {}, method)
      assert.equal(own.status, 405)
      assert.equal(own.headers['allow'], 'GET, HEAD')
    }
    const read = await get(server, '/api/v1/events', { origin: 'https://evil.example' })
    assert.equal(read.headers['access-control-allow-origin'], undefined)
    assert.equal(read.headers['cross-origin-resource-policy'], 'same-origin')
  })

  test('every reply carries the security fields, HEAD no body', async () => {
    for (const path of ['/healthz', '/metrics', '/nothing', '/api/v1/events?x=1']) {
      const { headers } = await get(server, path)
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['cache-control'], 'no-store')
      assert.match(String(headers['content-security-policy']), /default-src 'none'/)
      assert.match(String(headers['x-request-id']), /^[0-9a-f-]{36}$/)
    }
    const head = await get(server, '/healthz', {}, 'HEAD')
    assert.equal(head.status, 200)
    assert.equal(head.text, '')
  })

  test('a request with a body is refused and its bytes are no request', async () => {
    const { port } = server.address() as AddressInfo
    const inner = 'GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n'
    const socket = connect(port, '127.0.0.1')
    socket.end(`GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`)
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    assert.equal(text.split('HTTP/1.1 ').length - 1, 1)
    assert.match(text, /^HTTP\/1.1 413/)
  })

  test('paths are exact: no traversal, no second spelling', async () => {
    for (const path of [
      '/api/v1/../healthz',
      '//healthz',
      '/healthz/',
      '/HEALTHZ',
      '/api/v1/events/',
      '/api/v1/events/%zz',
    ])
      assert.equal((await get(server, path)).status, 404, path)
    assert.equal((await get(server, '/api/v1/events/..%2f..%2fetc%2fpasswd')).status, 404)
  })

  test('describes every route it has', async () => {
    const document = JSON.parse((await get(server, '/api/v1/openapi.json')).text) as {
      openapi: string
      paths: Record<string, { get: { parameters?: { name: string }[] } }>
    }
    assert.equal(document.openapi, '3.1.0')
    assert.deepEqual(Object.keys(document.paths), [
      ...new Set(createAdmin(options).routes.map((route) => route.path)),
    ])
    const names = document.paths['/api/v1/events']?.get.parameters?.map((parameter) => parameter.name)
    for (const name of ['since', 'until', 'sub', 'code', 'outcome', 'limit', 'before'])
      assert.ok(names?.includes(name))
  })
})

describe('admin API with a token', () => {
  const token = 'correct-horse-battery-staple-0123456789'
  const admin = createAdmin({ ...options, token })
  let server: Server
  before(async () => {
    server = await start(admin)
  })
  after(() => server.close())

  test('the whole route table without credentials gives only 401 (CVE-2021-45232)', async (t) => {
    let walked = 0
    for (const { path, open } of admin.routes) {
      const got = await get(server, path.replace('{id}', 'req-1'))
      assert.equal(got.status, open === true ? 200 : 401, path)
      if (open !== true) {
        assert.equal(got.headers['www-authenticate'], 'Bearer')
        for (const authorization of [
          'Bearer',
          'Bearer x',
          `Basic ${token}`,
          `Bearer ${token}x`,
          `Bearer ${token.slice(1)}`,
        ])
          assert.equal((await get(server, path, { authorization })).status, 401, path)
      }
      walked++
    }
    assert.deepEqual(
      admin.routes.filter(({ open }) => open === true).map(({ path }) => path),
      ['/healthz', '/readyz'],
    )
    assert.equal((await get(server, '/nothing')).status, 401)
    t.diagnostic(`${walked} routes walked`)
  })

  test('the token opens', async () => {
    const authorization = `Bearer ${token}`
    assert.equal((await get(server, '/api/v1/events', { authorization })).status, 200)
    assert.equal((await get(server, '/api/v1/events', { authorization, host: 'evil.example' })).status, 421)
  })
})

test('only loopback is an admin address', () => {
  for (const host of ['127.0.0.1', '127.8.9.1', '::1', 'localhost', '::ffff:127.0.0.1']) assertLoopback(host)
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '192.168.1.1', 'admin.example', '', '::ffff:10.0.0.1'])
    assert.throws(() => assertLoopback(host), Unusable, host)
  assert.equal(isLoopback(undefined), false)
})
