import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { createMemoryRateStore } from '../../src/stores/memory/rate-store.ts'
import { type RunningAuthority, startAuthority } from '../support/authority.ts'
import { createTestClient, type TestClient } from '../support/oauth.ts'

let running: RunningAuthority
let client: TestClient

before(async () => {
  running = await startAuthority()
  client = await createTestClient(running, { redirectUris: [], grants: ['client'] })
})
after(() => running.close())

const grant = { grant_type: 'client_credentials', scope: 'profile:read' }
const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

test('A10: two methods at once are refused; a secret in the URL is refused', async () => {
  const both = await client.post('/token', { ...grant, client_id: client.id, client_secret: client.secret })
  assert.equal(both.body['error'], 'invalid_request')
  const url = await client.post(`/token?client_id=${client.id}&client_secret=${client.secret}`, grant, {
    authorization: '',
  })
  assert.equal(url.status, 400)
})

test('A10: a failed Basic is 401 with a challenge; unknown client and wrong secret look the same', async () => {
  running.address = '198.51.100.7'
  const wrong = await client.post('/token', grant, { authorization: basic(client.id, 'x'.repeat(48)) })
  const unknown = await client.post('/token', grant, {
    authorization: basic('client-unknown', 'x'.repeat(48)),
  })
  assert.equal(wrong.status, 401)
  assert.match(wrong.headers.get('www-authenticate') ?? '', /^Basic /)
  assert.deepEqual(
    { ...unknown, headers: [...unknown.headers].filter(([name]) => name !== 'date') },
    { ...wrong, headers: [...wrong.headers].filter(([name]) => name !== 'date') },
  )
  running.address = '127.0.0.1'
})

test('A10: unknown client and wrong secret take the same time', async () => {
  const times: Record<string, number[]> = { known: [], unknown: [] }
  for (let round = 0; round < 8; round++)
    for (const [kind, id] of [
      ['known', client.id],
      ['unknown', `client-${round}`],
    ] as const) {
      running.address = `203.0.113.${round * 2 + (kind === 'known' ? 0 : 1)}`
      const started = performance.now()
      await client.post('/token', grant, { authorization: basic(id, 'x'.repeat(48)) })
      times[kind]?.push(performance.now() - started)
    }
  running.address = '127.0.0.1'
  const least = (kind: string): number => Math.min(...(times[kind] ?? []))
  assert.ok(least('known') >= 14 && least('unknown') >= 14, JSON.stringify(times))
  assert.ok(Math.abs(least('known') - least('unknown')) < 8, JSON.stringify(times))
})

test('A10: secrets have 256 bits and are stored as digests', async () => {
  assert.ok(Buffer.from(client.secret.replace('spcs_', ''), 'base64url').length >= 32)
  const { db } = running.state
  const rows = await db
    .selectFrom('authority_clients' as never)
    .selectAll()
    .execute()
  assert.ok(!JSON.stringify(rows).includes(client.secret))
})

test('A10: brute force ends in 429 with Retry-After, for that address alone', async () => {
  running.address = '192.0.2.66'
  const statuses: number[] = []
  for (let i = 0; i < 12; i++)
    statuses.push(
      (await client.post('/token', grant, { authorization: basic(client.id, `guess-${i}`) })).status,
    )
  assert.equal(statuses.filter((status) => status === 401).length, 10)
  assert.equal(statuses.at(-1), 429)
  const locked = await client.post('/token', grant)
  assert.equal(locked.status, 429)
  assert.ok(Number(locked.headers.get('retry-after')) >= 1)
  assert.ok(running.events.some((event) => event.kind === 'client-locked'))
  running.address = '127.0.0.1'
  assert.equal((await client.post('/token', grant)).status, 200)
})

test('A10: many clients from one address are one attack', async () => {
  running.address = '2001:db8:1:2::1'
  let last = 0
  for (let i = 0; i < 75 && last !== 429; i++)
    last = (await client.post('/token', grant, { authorization: basic(`nobody-${i}`, 'x') })).status
  assert.equal(last, 429)
  running.address = '2001:db8:1:2:ffff::9'
  assert.equal((await client.post('/token', grant)).status, 429)
  running.address = '127.0.0.1'
})

async function keyed() {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }
  const made = await createTestClient(running, {
    redirectUris: [],
    grants: ['client'],
    authentication: 'private_key_jwt',
    jwks: { keys: [jwk] },
  })
  const assertion = (claims: JWTPayload = {}, header: Record<string, unknown> = {}): Promise<string> => {
    const now = Math.floor(Date.now() / 1000)
    const all = {
      iss: made.id,
      sub: made.id,
      aud: running.issuer,
      jti: randomUUID(),
      iat: now,
      exp: now + 60,
      ...claims,
    }
    return new SignJWT(all).setProtectedHeader({ alg: 'ES256', kid: 'k', ...header }).sign(privateKey)
  }
  const send = async (text: string) =>
    made.post('/token', {
      ...grant,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: text,
    })
  return { made, assertion, send }
}

test('A11: private_key_jwt with the issuer as sole audience', async () => {
  const { assertion, send } = await keyed()
  const { status, body } = await send(await assertion())
  assert.equal(status, 200, JSON.stringify(body))
})

test('A11: other audiences, lists, long lives, other subjects, replays are refused', async () => {
  const { made, assertion, send } = await keyed()
  const now = Math.floor(Date.now() / 1000)
  const bad: JWTPayload[] = [
    { aud: [running.issuer] },
    { aud: [running.issuer, 'https://evil.example'] },
    { aud: `${running.issuer}/token` },
    { aud: `${running.issuer}/par` },
    { aud: `${running.issuer}/` },
    { exp: now + 3600 },
    { exp: now - 60 },
    { sub: 'somebody' },
    { iss: 'somebody' },
    { nbf: now + 600 },
  ]
  for (const [index, claims] of bad.entries()) {
    running.address = `198.18.0.${index}`
    const { status, body } = await send(await assertion(claims))
    assert.equal(status, 401, JSON.stringify(claims))
    assert.equal(body['error'], 'invalid_client')
  }
  running.address = '198.18.1.1'
  const once = await assertion()
  assert.equal((await send(once)).status, 200)
  assert.equal((await send(once)).status, 401)
  running.address = '198.18.1.2'
  const racing = await assertion()
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(racing)))
  assert.equal(answers.filter((one) => one.status === 200).length, 1)
  running.address = '198.18.1.3'
  const secret = await made.post('/token', { ...grant, client_id: made.id, client_secret: 'x' })
  assert.equal(secret.status, 401)
  running.address = '127.0.0.1'
})

test('A24: introspection: authenticated, one shape for what does not count', async () => {
  const api = await createTestClient(running, {
    redirectUris: [],
    grants: ['client'],
    audiences: ['https://api.travel.example'],
  })
  const other = await createTestClient(running, { redirectUris: [], grants: ['client'] })
  assert.equal((await client.post('/introspect', { token: 'x' }, { authorization: '' })).status, 401)
  assert.equal(
    (await client.post('/introspect', { token: 'x' }, { authorization: basic('x', 'y') })).status,
    401,
  )
  const { body } = await client.post('/token', grant)
  const token = String(body['access_token'])
  for (const who of [client, api]) {
    const found = await who.post('/introspect', { token })
    assert.equal(found.body['active'], true)
    assert.equal(found.body['client_id'], client.id)
    assert.equal(found.body['scope'], 'profile:read')
  }
  const [head = '', payload = '', signature = ''] = token.split('.')
  for (const garbage of [
    'x',
    'eyJ',
    token.slice(0, -2),
    `${head}.${payload}.`,
    `${head}.${payload}x.${signature}`,
  ])
    assert.deepEqual((await client.post('/introspect', { token: garbage })).body, { active: false }, garbage)
  assert.deepEqual((await other.post('/introspect', { token })).body, { active: false })
  assert.equal((await other.post('/revoke', { token })).status, 200)
  assert.equal((await client.post('/introspect', { token })).body['active'], true)
  assert.equal((await client.post('/revoke', { token: 'unknown' })).status, 200)
  assert.equal((await client.post('/revoke', { token })).status, 200)
  assert.deepEqual((await client.post('/introspect', { token })).body, { active: false })
})

test('A24: opaque tokens: refresh tokens are introspected and revoked by their client alone', async () => {
  const one = await createTestClient(running)
  const two = await createTestClient(running)
  const tokens = (await one.redeem(await one.code())).body
  const token = String(tokens['refresh_token'])
  assert.equal((await one.post('/introspect', { token })).body['active'], true)
  assert.deepEqual((await two.post('/introspect', { token })).body, { active: false })
  assert.equal((await two.post('/revoke', { token })).status, 200)
  assert.equal((await one.post('/introspect', { token })).body['active'], true)
  assert.equal((await one.post('/revoke', { token })).status, 200)
  assert.deepEqual((await one.post('/introspect', { token })).body, { active: false })
  assert.equal((await one.refresh(token)).body['error'], 'invalid_grant')
})

test('the limits cannot be asked: nothing is issued', async () => {
  const down = await startAuthority({
    rates: { ...createMemoryRateStore(), take: () => Promise.reject(new Error('down')) },
  })
  try {
    const machine = await createTestClient(down, { redirectUris: [], grants: ['client'] })
    const { status, body } = await machine.post('/token', grant)
    assert.equal(status, 503)
    assert.equal(body['access_token'], undefined)
  } finally {
    await down.close()
  }
})
