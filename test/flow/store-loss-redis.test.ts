import assert from 'node:assert/strict'
import { get } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRedisLink } from '../../src/stores/redis/link.ts'
import { createRedisRevocationStore } from '../../src/stores/redis/revocation-store.ts'
import { createProver } from '../rfc/dpop-fixture.ts'
import { redisOptionsOf } from '../support/servers/redis-options.ts'
import { needsRedis, type RedisServer, startRedis } from '../support/servers/redis-server.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

/** Several gateways on one Redis, and what its loss means: each control does what it declares, and all heals by itself. */
describe('gateways on one Redis', { ...needsRedis(), timeout: 90_000 }, () => {
  let server: RedisServer
  let leaver = ''
  let gateway: RunningGateway
  let other: Awaited<ReturnType<RunningGateway['another']>>
  before(async () => {
    server = await startRedis({ password: 'p@ss:word/1' })
    gateway = await startGateway({
      contract: thingsContract,
      durable: 'none',
      shared: `${server.url}?timeout=500ms`,
      issuer: 'dpop: allowed, dpopNonce: off',
      api: `    limits:
      - { for: "*", per: caller, rate: 20/min, burst: 20 }
      - { name: strict, for: writeThing, per: caller, rate: 1000/min, burst: 1000, onFault: deny }
`,
    })
    other = await gateway.another()
  })
  after(async () => {
    await other?.app.close(500)
    await gateway?.close()
    await server?.close()
  })

  interface Answer {
    readonly status: number
    readonly code: string | undefined
  }
  const call = async (token: string, url = gateway.url): Promise<Answer> => {
    const response = await fetch(`${url}/things/1`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const body = (await response.json()) as { code?: string }
    return { status: response.status, code: body.code }
  }
  const write = async (token: string): Promise<Answer> => {
    const response = await fetch(`${gateway.url}/things/1`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"name":"x"}',
    })
    const body = (await response.json()) as { code?: string }
    return { status: response.status, code: body.code }
  }
  const metric = async (line: string): Promise<number> => {
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    return Number(
      text
        .split('\n')
        .find((one) => one.startsWith(`${line} `))
        ?.split(' ')[1] ?? 0,
    )
  }
  const until = async (holds: () => Promise<boolean>, ms = 15_000): Promise<number> => {
    const began = performance.now()
    while (!(await holds())) {
      if (performance.now() - began > ms) assert.fail(`not within ${ms} ms: ${holds}`)
      await sleep(25)
    }
    return performance.now() - began
  }

  it('a limit is one limit: of 60 calls over both, 20 pass', async () => {
    const token = await gateway.token({ sub: 'busy' })
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) => call(token, i % 2 === 0 ? gateway.url : other.url)),
    )
    const passed = answers.filter(({ status }) => status === 200).length
    const refused = answers.filter(({ code }) => code === 'LIMIT_RATE').length
    // On a machine that is late, calls may have waited too long for the store: they are refused, and may have been counted.
    const late = answers.filter(({ status }) => status === 503).length
    assert.equal(passed + refused + late, 60)
    assert.ok(passed <= 20 && passed + late >= 20, `${passed} passed, ${late} came too late`)
  })

  it('a proof that one gateway has seen is refused by the other', async () => {
    const prover = createProver()
    const token = await gateway.token({ sub: 'prover', cnf: { jkt: prover.thumbprint } })
    const host = new URL(gateway.url).host
    const proof = prover.proof(token, { claims: { htu: `http://${host}/things/1` } })
    // The other gateway is asked under the name of the first, as behind one address.
    const prove = (url: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const headers = { host, authorization: `DPoP ${token}`, dpop: proof }
        get(`${url}/things/1`, { headers, agent: false }, (response) => {
          response.resume()
          resolve(response.statusCode)
        }).on('error', reject)
      })
    assert.equal(await prove(gateway.url), 200)
    assert.equal(await prove(other.url), 401)
    assert.equal(await prove(gateway.url), 401)
  })

  it('a revocation is heard by both within a second', async (t) => {
    const token = await gateway.token({ sub: 'leaver' })
    leaver = token
    for (const url of [gateway.url, other.url]) assert.equal((await call(token, url)).status, 200)
    const link = await createRedisLink(redisOptionsOf(server.url))
    const store = createRedisRevocationStore(link)
    const now = Date.now()
    await store.add(
      { kind: 'subject', issuer: 'main', value: 'leaver', before: now + 1000, until: now + 600_000 },
      now,
    )
    const took = await until(async () => {
      const answers = await Promise.all([gateway.url, other.url].map((url) => call(token, url)))
      return answers.every(({ status }) => status === 401)
    }, 2_000)
    link.close()
    t.diagnostic(`${took.toFixed(0)} ms`)
    assert.ok(took < 1_000)
  })

  const losses: readonly (readonly [string, () => Promise<void>, () => Promise<void>])[] = [
    ['killed', () => server.kill(), () => server.start()],
    ['held still', async () => server.pause(), async () => server.resume()],
  ]
  for (const [how, lose, heal] of losses)
    it(`${how}: limits go on in each process, authentication fails closed within 5 s, all heals`, async () => {
      const token = await gateway.token({ sub: `survivor ${how}` })
      const writer = await gateway.token({ sub: `writer ${how}` })
      assert.equal((await call(token)).status, 200)
      const counted = await metric('sallyport_store_without_total{control="limits"}')
      await lose()
      const passed = await Promise.all(Array.from({ length: 30 }, () => call(token)))
      assert.equal(passed.filter(({ status }) => status === 200).length, 20, 'by this process alone')
      assert.equal(passed.filter(({ code }) => code === 'LIMIT_RATE').length, 10)
      assert.ok((await metric('sallyport_store_without_total{control="limits"}')) >= counted + 20)
      assert.deepEqual(await write(writer), { status: 503, code: 'GATEWAY_FAULT' }, 'as that limit declares')
      assert.equal(await metric('sallyport_store_up{store="redis"}'), 0)
      await until(async () => (await call(writer)).status === 503, 7_000)
      const seen = gateway.upstream.seen.length
      assert.deepEqual(await call(await gateway.token({ sub: 'nobody' })), {
        status: 503,
        code: 'IDENTIFY_KEYS_UNAVAILABLE',
      })
      assert.equal(gateway.upstream.seen.length, seen, 'nothing passes')
      await heal()
      await until(
        async () => (await call(await gateway.token({ sub: `back ${Math.random()}` }))).status === 200,
      )
      await until(async () => (await metric('sallyport_store_up{store="redis"}')) === 1)
      assert.equal((await write(writer)).status < 500, true)
    })

  it('what was revoked before stays so, though Redis came back empty', async () => {
    for (const url of [gateway.url, other.url]) assert.equal((await call(leaver, url)).status, 401)
  })
})
