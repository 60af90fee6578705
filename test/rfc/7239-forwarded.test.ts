import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Arrived } from '../../src/kernel/facts.ts'
import { createListeners, type Listeners } from '../../src/stages/listen/create-listeners.ts'
import { CountingDoor } from './counting-door.ts'
import { sendRaw } from './raw-client.ts'

const door = new CountingDoor()
let open: Listeners
let behind: Listeners

before(async () => {
  const listeners = [{ host: '127.0.0.1', port: 0 }]
  open = await createListeners({ listeners }, door)
  behind = await createListeners({ listeners, trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] }, door)
})
after(() => Promise.all([open.close(0), behind.close(0)]))
beforeEach(() => door.clear())

async function arrive(at: Listeners, lines: string): Promise<Arrived | undefined> {
  door.clear()
  await sendRaw(at.addresses[0]?.port ?? 0, `GET /a HTTP/1.1\r\nHost: api\r\n${lines}\r\n`, 30)
  return door.seen[0]?.arrived
}

test('F01 F04 from an untrusted peer no forwarding field has any effect', async () => {
  const lines =
    'Forwarded: for=1.2.3.4;proto=https;host=evil\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Prefix: /x\r\nX-Real-IP: 1.2.3.4\r\n'
  const arrived = await arrive(open, lines)
  assert.equal(arrived?.client, '127.0.0.1')
  assert.equal(arrived?.peer, '127.0.0.1')
  assert.equal(arrived?.authority, 'api')
  assert.equal(arrived?.channel.secure, false)
  assert.deepEqual(arrived?.fields.flat, ['host', 'api'])
})

test('F04 F05 a trusted proxy says who the caller is, and on what channel and host', async () => {
  const one = await arrive(
    behind,
    'X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.1.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: API.Example\r\n',
  )
  assert.equal(one?.client, '203.0.113.9')
  assert.equal(one?.peer, '127.0.0.1')
  assert.equal(one?.channel.secure, true)
  assert.equal(one?.authority, 'api.example')
  const two = await arrive(
    behind,
    'Forwarded: for=6.6.6.6, for="[2001:db8::9]:4711";proto=https;host=api.example\r\n',
  )
  assert.equal(two?.client, '2001:db8::9')
  assert.equal(two?.channel.secure, true)
  const three = await arrive(behind, 'X-Forwarded-For: unknown\r\n')
  assert.equal(three?.client, '127.0.0.1')
  assert.equal(three?.channel.secure, false)
})

test('two forwarding families that name different callers are refused', async () => {
  assert.equal(await arrive(behind, 'Forwarded: for=1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\n'), undefined)
  assert.equal(door.rejected[0]?.denial.code, 'LISTEN_MALFORMED')
  assert.equal(
    await arrive(behind, 'Forwarded: for=1.1.1.1;proto=http\r\nX-Forwarded-Proto: https\r\n'),
    undefined,
  )
  assert.equal(await arrive(behind, 'X-Forwarded-Host: a@b\r\n'), undefined)
  assert.equal(await arrive(behind, 'Forwarded: nonsense\r\n'), undefined)
  const same = await arrive(behind, 'Forwarded: for=1.1.1.1\r\nX-Forwarded-For: 1.1.1.1\r\n')
  assert.equal(same?.client, '1.1.1.1')
})

test('F06 F07 N08 the gateway’s own and other servers’ override fields are dropped, from proxies too', async () => {
  for (const at of [open, behind]) {
    const arrived = await arrive(
      at,
      'Sallyport-Identity: x\r\nX-HTTP-Method-Override: DELETE\r\nX-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\nX_Forwarded_For: 1.1.1.1\r\nX-Middleware-Subrequest: 1\r\n',
    )
    assert.equal(arrived?.method, 'GET')
    assert.equal(arrived?.path, '/a')
    assert.deepEqual(arrived?.fields.flat, ['host', 'api'])
  }
})

test('F10 ids of the caller are kept where they are well-formed', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const kept = await arrive(open, `X-Request-Id: abc.1\r\ntraceparent: 00-${traceId}-00f067aa0ba902b7-01\r\n`)
  assert.equal(kept?.id, 'abc.1')
  assert.equal(kept?.traceId, traceId)
  const made = await arrive(open, 'X-Request-Id: a b\r\ntraceparent: 00-xyz\r\n')
  assert.match(made?.id ?? '', /^[a-z0-9]+-[a-z0-9]+$/)
  assert.match(made?.traceId ?? '', /^[0-9a-f]{32}$/)
})

test('L05 hostile values arrive as data or not at all', async () => {
  const agent = `"}\u0085${'x'.repeat(10_000)}`
  const arrived = await arrive(open, `User-Agent: ${agent}\r\n`)
  assert.equal(arrived?.fields.get('user-agent'), agent)
  assert.equal(await arrive(open, 'User-Agent: a\u001b[31m\r\n'), undefined)
  assert.match(door.rejected[0]?.denial.reason ?? '', /^[\x20-\x7e]*$/)
})
