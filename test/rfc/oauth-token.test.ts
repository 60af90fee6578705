import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { api, type RunningAuthority, startAuthority } from '../support/authority.ts'
import { callback, createTestClient, headerOf, payloadOf, type TestClient } from '../support/oauth.ts'

let running: RunningAuthority
let client: TestClient

before(async () => {
  running = await startAuthority()
  client = await createTestClient(running)
})
after(() => running.close())

const count = (answers: readonly { readonly status: number }[], status: number): number =>
  answers.filter((one) => one.status === status).length

const isDenied = (token: unknown): boolean =>
  running.revoked.some((one) => one.kind === 'token' && one.value === payloadOf(token)['jti'])

test('A06: a second use of a code revokes what came of the first', async () => {
  const code = await client.code()
  const first = await client.redeem(code)
  assert.equal(first.status, 200)
  const second = await client.redeem(code)
  assert.equal(second.body['error'], 'invalid_grant')
  assert.equal((await client.refresh(first.body['refresh_token'])).body['error'], 'invalid_grant')
  assert.ok(isDenied(first.body['access_token']))
  assert.ok(running.events.some((event) => event.kind === 'code-reuse'))
})

test('A06: a second use with another verifier or by another client revokes nothing', async () => {
  const other = await createTestClient(running)
  const code = await client.code()
  const first = await client.redeem(code)
  for (const answer of [
    await client.redeem(code, { code_verifier: 'x'.repeat(43) }),
    await other.redeem(code, { code_verifier: client.verifier }),
  ])
    assert.equal(answer.body['error'], 'invalid_grant')
  assert.ok(!isDenied(first.body['access_token']))
  assert.equal((await client.refresh(first.body['refresh_token'])).status, 200)
})

test('A07: of 50 redemptions of one code at once exactly one succeeds', async () => {
  const code = await client.code()
  const answers = await Promise.all(Array.from({ length: 50 }, () => client.redeem(code)))
  assert.equal(count(answers, 200), 1)
  assert.equal(count(answers, 400), 49)
  for (const { status, body } of answers) if (status === 400) assert.equal(body['error'], 'invalid_grant')
  const winner = answers.find((one) => one.status === 200)
  // The others were reuse: what was given out is taken back.
  assert.equal((await client.refresh(winner?.body['refresh_token'])).body['error'], 'invalid_grant')
  assert.ok(isDenied(winner?.body['access_token']))
})

test('A07: of 20 uses of one refresh token at once exactly one succeeds, and the family ends', async () => {
  const tokens = (await client.redeem(await client.code())).body
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.refresh(tokens['refresh_token'])))
  assert.equal(count(answers, 200), 1)
  assert.equal(count(answers, 400), 19)
  const winner = answers.find((one) => one.status === 200)
  assert.equal((await client.refresh(winner?.body['refresh_token'])).body['error'], 'invalid_grant')
  assert.ok(isDenied(winner?.body['access_token']))
  assert.ok(running.events.some((event) => event.kind === 'refresh-reuse'))
})

test('A08: a code is bound to its client and redirect URI, has 128 bits and more, and lives a minute', async () => {
  const other = await createTestClient(running)
  const code = await client.code()
  assert.ok(Buffer.from(code, 'base64url').length >= 16)
  assert.equal((await other.redeem(code, { code_verifier: client.verifier })).body['error'], 'invalid_grant')
  assert.equal((await client.redeem(code, { redirect_uri: `${callback}/` })).body['error'], 'invalid_grant')
  assert.equal((await client.redeem(code, { redirect_uri: undefined })).status, 400)
  const { db } = running.state
  const rows = (await db
    .selectFrom('authority_records' as never)
    .selectAll()
    .where('model' as never, '=', 'AuthorizationCode' as never)
    .execute()) as { created: number; expires: number; id: string; payload: string }[]
  for (const row of rows) {
    assert.ok(row.expires - row.created <= 60)
    assert.ok(!JSON.stringify(row).includes(code), 'the code is in the store')
  }
})

test('A09: reuse of a rotated refresh token ends the family and raises an event', async () => {
  const tokens = (await client.redeem(await client.code())).body
  const next = (await client.refresh(tokens['refresh_token'])).body
  assert.notEqual(next['refresh_token'], tokens['refresh_token'])
  const before = running.events.length
  assert.equal((await client.refresh(tokens['refresh_token'])).body['error'], 'invalid_grant')
  assert.equal((await client.refresh(next['refresh_token'])).body['error'], 'invalid_grant')
  assert.ok(running.events.slice(before).some((event) => event.kind === 'refresh-reuse'))
  assert.ok(isDenied(next['access_token']))
})

test('A09: scope cannot widen; the token is the client’s; disabling and signing out end it', async () => {
  const other = await createTestClient(running)
  const tokens = (await client.redeem(await client.code())).body
  const wider = await client.refresh(tokens['refresh_token'], { scope: 'profile:read calendar:read' })
  assert.equal(wider.body['error'], 'invalid_scope')
  assert.equal((await other.refresh(tokens['refresh_token'])).body['error'], 'invalid_grant')
  const narrower = await client.refresh(tokens['refresh_token'], { scope: 'profile:read' })
  assert.equal(narrower.status, 200)
  await running.authority.sessions.signOutEverywhere('alice')
  assert.equal((await client.refresh(narrower.body['refresh_token'])).body['error'], 'invalid_grant')
  assert.ok(running.revoked.some((one) => one.kind === 'subject' && one.value === 'alice'))

  const again = (await other.redeem(await other.code())).body
  await running.authority.clients.disable(other.id)
  assert.equal((await other.refresh(again['refresh_token'])).status, 401)
  assert.ok(running.revoked.some((one) => one.kind === 'client' && one.value === other.id))
})

test('A09: a disabled account gets nothing more', async () => {
  const { people, user } = running
  user.sub = 'bob'
  try {
    const guest = await createTestClient(running)
    const tokens = (await guest.redeem(await guest.code())).body
    const bob = people.get('bob')
    assert.ok(bob)
    people.set('bob', { ...bob, disabled: true })
    assert.equal((await guest.refresh(tokens['refresh_token'])).body['error'], 'invalid_grant')
    people.set('bob', bob)
  } finally {
    user.sub = 'alice'
  }
})

test('A12: repeated parameters, empty ones, unknown ones, other media types, other methods', async () => {
  const repeated = await client.post('/token', 'grant_type=client_credentials&grant_type=client_credentials')
  assert.equal(repeated.body['error'], 'invalid_request')
  const code = await client.code()
  const twice = await client.post(
    '/token',
    `grant_type=authorization_code&code=${code}&code=${code}&redirect_uri=${encodeURIComponent(callback)}&code_verifier=${client.verifier}`,
  )
  assert.equal(twice.body['error'], 'invalid_request')
  const found = await client.redeem(code, { nonsense: 'x', scope: '', resource: '' })
  assert.equal(found.status, 200)
  const json = await client.post('/token', '{"grant_type":"client_credentials"}', {
    'content-type': 'application/json',
  })
  assert.ok(json.status === 400 || json.status === 415)
  const multipart = await client.post('/token', '--x\r\n\r\n--x--', {
    'content-type': 'multipart/form-data; boundary=x',
  })
  assert.ok(multipart.status === 400 || multipart.status === 415)
  for (const path of ['/token', '/par', '/introspect', '/revoke'])
    assert.equal((await fetch(running.issuer + path)).status, 405, path)
  const page = await client.browser.request(`${client.url()}&scope=openid`)
  assert.ok(page.status === 400 || /error=invalid_request/.test(page.headers.get('location') ?? ''))
})

test('A13: no answer is stored by a cache; errors are of the registered words', async () => {
  const registered =
    /^(invalid_request|invalid_client|invalid_grant|unauthorized_client|unsupported_grant_type|invalid_scope|invalid_target|invalid_dpop_proof|use_dpop_nonce|authorization_pending|slow_down|access_denied|expired_token|unsupported_token_type|temporarily_unavailable)$/
  const answers = [
    await client.redeem(await client.code()),
    await client.redeem('nothing'),
    await client.post('/token', {}),
    await client.post('/token', { grant_type: 'x' }),
    await client.post('/token?client_secret=x', { grant_type: 'x' }),
    await client.post('/par', {}),
    await client.post('/introspect', { token: 'x' }),
    await client.post('/introspect', {}),
    await client.post('/token', { grant_type: 'client_credentials' }),
  ]
  for (const { headers, body } of answers) {
    assert.match(headers.get('cache-control') ?? '', /no-store/)
    if (body['error'] !== undefined) assert.match(String(body['error']), registered)
    if (body['error_description'] !== undefined)
      assert.match(String(body['error_description']), /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/)
  }
})

test('A23: a resource is known, absolute, without fragment; the audience is what was granted', async () => {
  for (const resource of ['relative', '/x', `${api}#f`, 'https://unknown.example']) {
    assert.equal((await client.authorize({ resource })).get('error'), 'invalid_target', resource)
    const machine = await createTestClient(running, { redirectUris: [], grants: ['client'] })
    assert.equal(
      (await machine.post('/token', { grant_type: 'client_credentials', resource })).body['error'],
      'invalid_target',
    )
  }
  const tokens = (await client.redeem(await client.code({ resource: api }))).body
  assert.equal(payloadOf(tokens['access_token'])['aud'], api)
  const other = await client.refresh(tokens['refresh_token'], { resource: 'https://other.travel.example' })
  assert.equal(other.body['error'], 'invalid_target')
})

test('A27: client credentials: no refresh token, only assigned scopes, never the subject of a user', async () => {
  const machine = await createTestClient(running, { redirectUris: [], grants: ['client'], roles: ['robot'] })
  const { body } = await machine.post('/token', { grant_type: 'client_credentials', scope: 'profile:read' })
  assert.equal(body['refresh_token'], undefined)
  const claims = payloadOf(body['access_token'])
  assert.equal(claims['sub'], machine.id)
  assert.deepEqual(claims['roles'], ['robot'])
  const wider = await machine.post('/token', { grant_type: 'client_credentials', scope: 'bookings:write' })
  assert.equal(wider.body['error'], 'invalid_scope')
  await assert.rejects(running.register({ grants: ['client'] }, 'alice'), /subject of a user/)
})

test('A28: access tokens are RFC 9068 JWTs of ten minutes, ES256, verifiable by the published keys', async () => {
  const { body } = await client.redeem(await client.code())
  const keys = (await (await fetch(`${running.issuer}/jwks`)).json()) as { keys: Record<string, unknown>[] }
  const { payload, protectedHeader } = await jwtVerify(
    String(body['access_token']),
    createLocalJWKSet(keys as never),
    {
      typ: 'at+jwt',
      issuer: running.issuer,
      audience: api,
    },
  )
  assert.equal(protectedHeader.alg, 'ES256')
  for (const claim of ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti', 'auth_time', 'acr', 'amr'])
    assert.ok(claim in payload, claim)
  assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 600)
  assert.deepEqual(payload['amr'], ['pwd'])
  for (const key of keys.keys)
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'priv']) assert.ok(!(member in key), member)
  assert.deepEqual(new Set(keys.keys.map((key) => key['alg'])), new Set(['ES256', 'RS256']))
})

test('A28: keys rotate with overlap: old tokens verify, new ones bear a new kid', async () => {
  const before = (await client.redeem(await client.code())).body
  await running.authority.rotateKeys()
  const next = (await client.redeem(await client.code())).body
  assert.notEqual(headerOf(before['access_token'])['kid'], headerOf(next['access_token'])['kid'])
  const keys = (await (await fetch(`${running.issuer}/jwks`)).json()) as never
  for (const tokens of [before, next])
    await jwtVerify(String(tokens['access_token']), createLocalJWKSet(keys))
  const kids = (keys as { keys: { kid: string }[] }).keys.map((key) => key.kid)
  assert.equal(new Set(kids).size, 4)
})
