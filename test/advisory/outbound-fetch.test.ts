import assert from 'node:assert/strict'
import type { lookup } from 'node:dns'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createOutbound, type Outbound, type OutboundOptions } from '../../src/outbound/create-outbound.ts'
import { OutboundError } from '../../src/outbound/outbound-error.ts'
import { startKeyServer } from './key-server.ts'

function open(t: TestContext, options: OutboundOptions = {}): Outbound {
  const outbound = createOutbound({ timeoutMs: 1000, ...options })
  t.after(() => outbound.close())
  return outbound
}

async function failureOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'answered'
  } catch (error) {
    assert.ok(error instanceof OutboundError, String(error))
    return error.failure
  }
}

const resolvesTo = (address: string): typeof lookup =>
  ((_name: string, _options: unknown, callback: (error: null, found: unknown) => void) =>
    callback(null, [{ address, family: isIP(address) }])) as unknown as typeof lookup

test('S01: fetch is refused what every call is refused: schemes, private literals, names that lead inside', async (t) => {
  const outbound = open(t, { resolve: resolvesTo('10.0.0.1') })
  for (const url of [
    'http://app.example/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://app.example/',
    'https://user:secret@app.example/',
    'file:///etc/passwd',
    'nothing',
  ])
    for (const init of [{}, { method: 'POST', body: 'a=b' }])
      assert.equal(await failureOf(outbound.fetch(url, init)), 'refused', url)
})

test('a form is posted with the fields that were given, and none of the connection’s', async (t) => {
  const server = await startKeyServer(t)
  const seen: { request: IncomingMessage; body: string }[] = []
  server.answer = (request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      seen.push({ request, body })
      response.writeHead(204).end()
    })
  }
  const outbound = open(t, { allowLoopback: true })
  const reply = await outbound.fetch(`${server.url}/logout`, {
    method: 'POST',
    headers: new Headers({
      'content-type': 'application/x-www-form-urlencoded',
      host: 'elsewhere.example',
      connection: 'upgrade',
    }),
    body: new URLSearchParams({ logout_token: 'a b&c' }),
  })
  assert.equal(reply.status, 204)
  assert.equal(reply.body, null)
  const [call] = seen
  assert.equal(call?.request.method, 'POST')
  assert.equal(call?.body, 'logout_token=a+b%26c')
  assert.equal(call?.request.headers.host, `127.0.0.1:${server.port}`)
  assert.equal(call?.request.headers['content-type'], 'application/x-www-form-urlencoded')
})

test('a reply is whole or an error: size, time, codings; other methods and bodies are not sent', async (t) => {
  const server = await startKeyServer(t)
  const outbound = open(t, { allowLoopback: true, maxBytes: 100, timeoutMs: 300 })
  server.serve({ keys: [] })
  const reply = await outbound.fetch(`${server.url}/`)
  assert.equal(reply.headers.get('content-type'), 'application/json')
  assert.deepEqual(await reply.json(), { keys: [] })
  server.answer = (_request, response) => response.end('x'.repeat(101))
  assert.equal(await failureOf(outbound.fetch(`${server.url}/`)), 'too large')
  server.answer = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')
  assert.equal(await failureOf(outbound.fetch(`${server.url}/`)), 'malformed')
  server.answer = () => {}
  assert.equal(await failureOf(outbound.fetch(`${server.url}/`)), 'timeout')
  assert.equal(
    await failureOf(outbound.fetch(`${server.url}/`, { signal: AbortSignal.timeout(50) })),
    'timeout',
  )
  const asked = server.asked.length
  assert.equal(await failureOf(outbound.fetch(`${server.url}/`, { method: 'PUT' })), 'refused')
  assert.equal(
    await failureOf(outbound.fetch(`${server.url}/`, { method: 'POST', body: new FormData() })),
    'refused',
  )
  assert.equal(server.asked.length, asked)
})

test('S04: a redirect is given as it is and not followed; other statuses have no body', async (t) => {
  const server = await startKeyServer(t)
  const outbound = open(t, { allowLoopback: true })
  for (const status of [301, 302, 307, 404, 500]) {
    server.answer = (_request, response) => response.writeHead(status, { location: '/next' }).end('secret')
    const reply = await outbound.fetch(`${server.url}/`)
    assert.deepEqual([reply.status, await reply.text()], [status, ''])
  }
  assert.ok(!server.asked.includes('/next'))
})
