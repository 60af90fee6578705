import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { command } from './sallyport.ts'
import { thingsContract } from './things-contract.ts'

async function start(t: TestContext, anomalies: string): Promise<RunningGateway> {
  const gateway = await startGateway({
    contract: thingsContract,
    durable: 'sqlite:state.db',
    top: `anomalies: { ${anomalies} }`,
    api: '    objects: { profile: { id: path.userId, owner: path.userId } }',
  })
  t.after(() => gateway.close())
  return gateway
}

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly challenge: string
}

async function call(url: string, path: string, token: string): Promise<Answer> {
  const reply = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
  const body = (await reply.json().catch(() => ({}))) as { code?: string }
  return { status: reply.status, code: body.code, challenge: reply.headers.get('www-authenticate') ?? '' }
}

/** Asks for the profiles of others until the gateway answers with something else than 403. */
async function enumerate(gateway: RunningGateway, token: string): Promise<Answer> {
  for (let n = 0; n < 12; n++) await call(gateway.url, `/users/other-${n}/profile`, token)
  for (let tries = 0; tries < 100; tries++) {
    const answer = await call(gateway.url, '/users/7/profile', token)
    if (answer.status !== 200) return answer
    await wait(50)
  }
  return assert.fail('nothing happened')
}

describe('responses to findings', () => {
  test('revoke: what the caller was issued before is refused, what is issued later counts; others are not touched', async (t) => {
    const gateway = await start(t, 'revoke: { object-enumeration: 10min }')
    const token = await gateway.token({ sub: '7' })
    const refused = await enumerate(gateway, token)
    assert.equal(refused.code, 'IDENTIFY_TOKEN_REVOKED')
    assert.match(refused.challenge, /error="invalid_token"/)
    assert.equal((await call(gateway.url, '/users/8/profile', await gateway.token({ sub: '8' }))).status, 200)
    await wait(1_100)
    const later = Math.floor(Date.now() / 1000)
    assert.equal(
      (await call(gateway.url, '/users/7/profile', await gateway.token({ sub: '7', iat: later }))).status,
      200,
    )
    assert.equal((await call(gateway.url, '/users/7/profile', token)).status, 401)

    // It outlives a restart, another gateway hears of it, and a command takes it back everywhere.
    const other = await gateway.another()
    t.after(() => other.app.close(100))
    assert.equal((await call(other.url, '/users/7/profile', token)).status, 401)
    const listed = await command(gateway.folder, 'holds', 'list', '--json')
    const [hold] = JSON.parse(listed.out) as { sub: string; response: string; kind: string }[]
    assert.deepEqual([hold?.sub, hold?.response, hold?.kind], ['7', 'revoke', 'object-enumeration'])
    const released = await command(gateway.folder, 'holds', 'release', '--subject', '7', '--issuer', 'main')
    assert.equal(released.code, 0, released.err)
    for (const url of [gateway.url, other.url]) {
      let status = 401
      for (let tries = 0; tries < 100 && status !== 200; tries++) {
        await wait(50)
        status = (await call(url, '/users/7/profile', token)).status
      }
      assert.equal(status, 200)
    }
    const { events } = (await (
      await fetch(`${gateway.adminUrl}/api/v1/events?operation=finding.revoke`)
    ).json()) as {
      events: { sub: string; reason: string }[]
    }
    assert.equal(events[0]?.sub, '7')
    assert.match(events[0]?.reason ?? '', /^object-enumeration: /)
  })

  test('step-up: the caller must have authenticated since; the challenge says how recently (RFC 9470)', async (t) => {
    const gateway = await start(t, 'stepUp: { object-enumeration: 10min }')
    const before = Math.floor(Date.now() / 1000) - 60
    const token = await gateway.token({ sub: '7', auth_time: before })
    const refused = await enumerate(gateway, token)
    assert.equal(refused.code, 'IDENTIFY_STEP_UP')
    assert.match(refused.challenge, /error="insufficient_user_authentication", max_age="\d+"/)
    // A new token of the old sign-in does not help, a new sign-in does.
    await wait(1_100)
    const now = Math.floor(Date.now() / 1000)
    const again = await gateway.token({ sub: '7', auth_time: before, iat: now })
    assert.equal((await call(gateway.url, '/users/7/profile', again)).status, 401)
    const anew = await gateway.token({ sub: '7', auth_time: now })
    assert.equal((await call(gateway.url, '/users/7/profile', anew)).status, 200)
    assert.equal((await call(gateway.url, '/users/7/profile', await gateway.token({ sub: '7' }))).status, 401)
  })

  test('without a policy a finding only observes', async (t) => {
    const gateway = await start(t, 'mode: observe')
    const token = await gateway.token({ sub: '7' })
    for (let n = 0; n < 12; n++) await call(gateway.url, `/users/other-${n}/profile`, token)
    await wait(400)
    assert.equal((await call(gateway.url, '/users/7/profile', token)).status, 200)
  })

  test('kinds about addresses cannot be answered so', async () => {
    await assert.rejects(
      startGateway({ contract: thingsContract, top: 'anomalies: { revoke: { endpoint-spray: 1min } }' }),
      /endpoint-spray/,
    )
  })
})
