import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { createListeners, type Listeners } from '../../src/stages/listen/create-listeners.ts'
import { CountingDoor } from '../rfc/counting-door.ts'
import { sendRaw } from '../rfc/raw-client.ts'

const door = new CountingDoor()
let listeners: Listeners

before(async () => {
  listeners = await createListeners({ listeners: [{ host: '127.0.0.1', port: 0 }] }, door)
})
after(() => listeners.close(0))
beforeEach(() => door.clear())

const send = (target: string, lines = ''): ReturnType<typeof sendRaw> =>
  sendRaw(listeners.addresses[0]?.port ?? 0, `GET ${target} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`, 40)

/** Advisories of other gateways whose root cause listen must not have. */
const refusedPaths: readonly (readonly [advisory: string, target: string])[] = [
  ['CVE-2021-27306 Kong', '/public/../protected'],
  ['CVE-2026-33494 Oathkeeper', '/public/%2e%2e/admin'],
  ['CVE-2025-32431 Traefik', '/service/..%2fadmin'],
  ['CVE-2019-9901 Envoy', '/public/./../admin'],
  ['CVE-2021-29492 Envoy', '/public%2F..%2Fadmin'],
  ['CVE-2021-29492 Envoy', '/public%5cadmin'],
  ['CVE-2021-32779 Envoy', '/admin#/public'],
  ['CVE-2023-45539 HAProxy', '/admin#.png'],
  ['CVE-2021-43557 APISIX', '//internal/x'],
  ['CVE-2026-33808 @fastify/express', '/admin;x'],
  ['CVE-2026-26205 OPA-Envoy', '//user@host/admin'],
  ['CVE-2026-48020 Traefik', '/api/..%2f..%2fadmin'],
  ['CVE-2022-35949 undici', '//evil.example/'],
  ['CVE-2026-41059 oauth2-proxy', '/private#/ping'],
]

describe('paths that other gateways read in two ways', () => {
  for (const [advisory, target] of refusedPaths)
    test(`${advisory}: ${target}`, async () => {
      assert.deepEqual((await send(target)).statuses, [400])
      assert.equal(door.entered, 0)
    })
})

test('CVE-2025-54576 CVE-2026-34457 oauth2-proxy: query and User-Agent are not the path', async () => {
  await send('/private?/public', 'User-Agent: /ping\r\n')
  assert.equal(door.seen[0]?.arrived.path, '/private')
})

test('CVE-2026-21710 Node: a __proto__ field leaves the process alive and prototypes as they were', async () => {
  const answer = await send('/a', '__proto__: x\r\n__proto__: y\r\nconstructor: z\r\n')
  assert.deepEqual(answer.statuses, [200])
  assert.deepEqual(door.seen[0]?.arrived.fields.flat, ['host', 'a'])
  assert.equal(Object.keys(Object.prototype).length, 0)
})

test('CVE-2024-22019 Node, CVE-2026-2332 Jetty: chunk extensions', async () => {
  for (const extension of [
    `;${'a'.repeat(100_000)}`,
    ';a="b\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"',
  ]) {
    door.clear()
    await sendRaw(
      listeners.addresses[0]?.port ?? 0,
      `POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1${extension}\r\na\r\n0\r\n\r\n`,
    )
    assert.ok(door.entered <= 1)
    assert.equal(door.seen.length, 0)
  }
})

test('CVE-2023-25725 HAProxy, CVE-2023-40225: empty field name, empty Content-Length', async () => {
  assert.deepEqual((await send('/a', ': x\r\n')).statuses, [400])
  assert.deepEqual((await send('/a', 'Content-Length: \r\n')).statuses, [400])
  assert.equal(door.entered, 0)
})

test('CVE-2024-45410 Traefik, CVE-2026-33805 reply-from: Connection cannot name what others rely on', async () => {
  for (const name of ['X-Forwarded-Host', 'X-Real-IP', 'Sallyport-Identity', 'Authorization'])
    assert.deepEqual(
      (await send('/a', `Connection: keep-alive, ${name}\r\n${name}: x\r\n`)).statuses,
      [400],
      name,
    )
})

test('GHSA-f59h-q822-g45g Caddy, CVE-2025-64484 oauth2-proxy, CVE-2026-39858 Traefik: aliases with _ and .', async () => {
  await send('/a', 'X_Forwarded_Proto: https\r\nRemote.User: root\r\nSallyport_Identity: x\r\n')
  assert.deepEqual(door.seen[0]?.arrived.fields.flat, ['host', 'a'])
})

test('CVE-2020-25017 CVE-2026-26308 Envoy: a repeated singleton is refused, other repeats stay apart', async () => {
  assert.deepEqual((await send('/a', 'Authorization: a\r\nAuthorization: b\r\n')).statuses, [400])
  door.clear()
  await send('/a', 'X-Role: user\r\nX-Role: admin\r\n')
  assert.deepEqual(door.seen[0]?.arrived.fields.all('x-role'), ['user', 'admin'])
})
