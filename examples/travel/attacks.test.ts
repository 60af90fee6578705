import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { unsigned } from './attack.ts'
import { attacks } from './attacks.ts'
import { runAttack } from './run-attack.ts'
import { canary, type Scene } from './scene.ts'
import { startUpstream, type Upstream } from './upstream/start-upstream.ts'

// The upstream checks no signature, so tokens that nobody signed will do here.
const alice = unsigned({ sub: '123' })
let upstream: Upstream
let scene: Scene
const internal = createServer((_request, response) => response.end(canary))

before(async () => {
  upstream = await startUpstream()
  await new Promise<void>((resolve) => internal.listen(0, '127.0.0.1', resolve))
  scene = {
    tokens: { alice, bob: unsigned({ sub: '456' }), overscoped: alice, expired: alice },
    internal: `http://127.0.0.1:${(internal.address() as AddressInfo).port}/`,
  }
})

after(async () => {
  internal.close()
  await upstream.close()
})

for (const attack of attacks)
  test(`${attack.owasp} works on the upstream alone: ${attack.name}`, async () => {
    const { succeeded, reply } = await runAttack(attack, upstream.url, scene)
    assert.equal(succeeded, true, `${reply.status} ${reply.text.slice(0, 200)}`)
  })

test('all ten OWASP API risks but none twice by name', () => {
  assert.equal(new Set(attacks.map(({ owasp }) => owasp)).size, 10)
  assert.equal(new Set(attacks.map(({ name }) => name)).size, attacks.length)
})
