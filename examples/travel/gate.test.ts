import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { type App, createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { bearer } from './attack.ts'
import { attacks } from './attacks.ts'
import { createDevKeys, readSigningKey } from './dev-keys.ts'
import { signSceneTokens } from './dev-tokens.ts'
import { isStopped, runAttack, sendAttack } from './run-attack.ts'
import { canary, type Scene } from './scene.ts'
import { startUpstream, type Upstream } from './upstream/start-upstream.ts'

// The example's own policy file on ports of the kernel's choice.
const folder = mkdtempSync(join(tmpdir(), 'travel-gate-'))
const internal = createServer((_request, response) => response.end(canary))
let upstream: Upstream
let app: App
let gate: string
let scene: Scene

before(async () => {
  upstream = await startUpstream()
  await new Promise<void>((resolve) => internal.listen(0, '127.0.0.1', resolve))
  const keys = await createDevKeys(folder)
  scene = {
    tokens: await signSceneTokens(readSigningKey(keys.signingKey)),
    internal: `http://127.0.0.1:${(internal.address() as AddressInfo).port}/`,
  }
  const config = parse(readFileSync(join(import.meta.dirname, 'sallyport.yaml'), 'utf8'))
  config.listen = [{ address: '127.0.0.1:0' }]
  config.admin = { address: '127.0.0.1:0' }
  config.store = { durable: `sqlite:${join(folder, 'sallyport.db')}` }
  config.log = { events: 'none' }
  config.issuers.travel.keys.jwks = keys.jwks
  config.issuers.travel.signingKey = keys.signingKey
  config.apis.travel.contract = join(import.meta.dirname, 'travel.openapi.yaml')
  config.apis.travel.upstream = upstream.url
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(file, stringify(config))
  app = await createApp(loadConfig(file, process.env))
  gate = app.addresses.find(({ kind }) => kind === 'api')?.url.replace(/\/$/, '') ?? ''
})

after(async () => {
  await app?.close(0)
  await upstream?.close()
  internal.close()
  rmSync(folder, { recursive: true, force: true })
})

for (const attack of attacks)
  test(`${attack.owasp} does not pass the gate: ${attack.name}`, async () => {
    const served = upstream.served()
    const outcome = await runAttack(attack, gate, scene)
    const { reply, code } = outcome
    assert.ok(isStopped(attack, outcome), `${reply.status} ${code} ${reply.text.slice(0, 300)}`)
    if (attack.gate.code !== undefined && attack.requests(scene).length === 1)
      assert.equal(upstream.served() - served, attack.gate.reads ?? 0, 'the upstream saw it')
  })

/** Nine people fly there, and back: as many seats as an hour has room for. */
const outward = {
  from: 'LIS',
  to: 'OSL',
  date: '2026-12-24',
  travellers: Array.from({ length: 9 }, (_, n) => ({ name: `Traveller ${n + 1}` })),
}

test('who books for nine, there and back, is not taken for one who holds every seat', async () => {
  const back = { ...outward, from: 'OSL', to: 'LIS', date: '2026-12-30' }
  for (const [body, status] of [
    [outward, 201],
    [back, 201],
    [outward, 429],
  ] as const) {
    const headers = bearer(scene.tokens.bob)
    const reply = await sendAttack(gate, { method: 'POST', path: '/bookings', headers, body })
    assert.equal(reply.status, status, reply.text.slice(0, 300))
  }
})

test('the honest twins pass', async () => {
  const alice = bearer(scene.tokens.alice)
  const calls = [
    [200, 'GET', '/api/v1/users/123/profile', undefined],
    [200, 'PATCH', '/api/v1/users/123/profile', { bio: 'A second cup of coffee, please.' }],
    [200, 'GET', '/api/v1/users/123/calendar?month=2026-12', undefined],
    [200, 'GET', '/bookings?limit=5', undefined],
    [200, 'GET', '/bookings/bk_a1c3e5g7i9k1', undefined],
    [200, 'GET', '/search?from=Lisbon&to=Oslo&date=2026-12-01&limit=5', undefined],
    [200, 'GET', '/reviews/oslo', undefined],
    [201, 'POST', '/reviews/oslo', { stars: 5, text: 'Select the window seat; it’s worth it.' }],
    [200, 'GET', '/documents?q=bag', undefined],
    [201, 'POST', '/export', { format: 'csv', filename: 'my-bookings' }],
    [201, 'PUT', '/files/notes.txt', 'binary'],
    [200, 'GET', '/files/notes.txt', undefined],
  ] as const
  for (const [status, method, path, body] of calls) {
    const headers = body === 'binary' ? { ...alice, 'content-type': 'application/octet-stream' } : alice
    const reply = await sendAttack(gate, { method, path, headers, ...(body === undefined ? {} : { body }) })
    assert.equal(reply.status, status, `${method} ${path}: ${reply.text.slice(0, 300)}`)
    assert.ok(!reply.text.includes('passwordHash'))
  }
})
