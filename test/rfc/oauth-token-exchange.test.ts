import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ClientRegistration } from '../../src/authority/client-registration.ts'
import { api, otherApi, person, type RunningAuthority, startAuthority } from '../support/authority.ts'
import { createTestClient, payloadOf, type TestClient } from '../support/oauth.ts'

const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
const grant = 'urn:ietf:params:oauth:grant-type:token-exchange'

let running: RunningAuthority
let client: TestClient
let subject: string

before(async () => {
  running = await startAuthority({
    resources: [
      {
        identifier: api,
        scopes: new Map([
          ['profile:read', undefined],
          ['calendar:read', undefined],
          ['bookings:write', undefined],
        ]),
      },
      { identifier: otherApi, scopes: new Map([['profile:read', undefined]]) },
    ],
  })
  client = await createTestClient(running)
  subject = await tokenOf('profile:read calendar:read')
})
after(() => running.close())

async function tokenOf(scope: string): Promise<string> {
  const { body } = await client.redeem(await client.code({ scope: `openid ${scope}`, resource: api }), {
    resource: api,
  })
  return String(body['access_token'])
}

const service = (registration: ClientRegistration = {}): Promise<TestClient> =>
  createTestClient(running, {
    redirectUris: [],
    grants: ['client', 'exchange'],
    audiences: [api],
    ...registration,
  })

const exchange = (of: TestClient, form: Record<string, string | undefined> = {}) =>
  of.post('/token', { grant_type: grant, subject_token: subject, subject_token_type: accessToken, ...form })

test('A22: an API exchanges the token it got: same subject, act, narrower, not longer', async () => {
  const backend = await service()
  const { status, body } = await exchange(backend, { scope: 'profile:read' })
  assert.equal(status, 200, JSON.stringify(body))
  assert.equal(body['issued_token_type'], accessToken)
  assert.equal(body['refresh_token'], undefined)
  const claims = payloadOf(body['access_token'])
  const original = payloadOf(subject)
  assert.equal(claims['sub'], 'alice')
  assert.equal(claims['client_id'], backend.id)
  assert.equal(claims['aud'], api)
  assert.equal(claims['scope'], 'profile:read')
  assert.deepEqual(claims['act'], { sub: backend.id })
  assert.ok(Number(claims['exp']) <= Number(original['exp']))
})

test('A22: missing parameters and unknown types are invalid_request', async () => {
  const backend = await service()
  for (const form of [
    { subject_token: undefined },
    { subject_token_type: undefined },
    { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' },
    { subject_token: 'garbage' },
    { subject_token: `${subject.slice(0, -4)}AAAA` },
    { actor_token: subject },
    { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
  ]) {
    const { status, body } = await exchange(backend, form)
    assert.equal(status, 400, JSON.stringify(form))
    assert.equal(body['error'], 'invalid_request')
  }
})

test('A22: who was not given the grant, is public, or is not the audience is refused', async () => {
  const plain = await service({ grants: ['client'] })
  assert.equal((await exchange(plain)).status, 400)
  await assert.rejects(running.register({ grants: ['exchange'], authentication: 'none' }))
  const stranger = await service({ audiences: [] })
  const refused = await exchange(stranger)
  assert.equal(refused.status, 400)
  assert.equal(refused.body['access_token'], undefined)
})

test('A22: scope and audience only narrow', async () => {
  const backend = await service({ scopes: ['profile:read', 'calendar:read', 'bookings:write'] })
  assert.equal((await exchange(backend, { scope: 'bookings:write' })).body['error'], 'invalid_scope')
  assert.equal(
    (await exchange(backend, { scope: 'profile:read bookings:write' })).body['error'],
    'invalid_scope',
  )
  for (const target of [
    { resource: otherApi },
    { audience: otherApi },
    { resource: 'https://unknown.example' },
    { resource: api, audience: otherApi },
  ])
    assert.equal((await exchange(backend, target)).body['error'], 'invalid_target', JSON.stringify(target))
  const allowed = await service({ exchangeTargets: [otherApi] })
  const { body } = await exchange(allowed, { audience: otherApi })
  const claims = payloadOf(body['access_token'])
  assert.equal(claims['aud'], otherApi)
  assert.equal(claims['scope'], 'profile:read')
})

test('A22: the chain of actors is kept, and ends somewhere', async () => {
  let token = subject
  const actors: string[] = []
  for (let depth = 1; depth <= 5; depth++) {
    const backend = await service()
    const { status, body } = await exchange(backend, { subject_token: token })
    if (depth === 5) {
      assert.equal(status, 400)
      assert.equal(body['error'], 'invalid_request')
      return
    }
    token = String(body['access_token'])
    actors.unshift(backend.id)
    const found: unknown[] = []
    for (
      let act = payloadOf(token)['act'] as { sub: string; act?: unknown } | undefined;
      act !== undefined;
      act = act.act as typeof act
    )
      found.push(act.sub)
    assert.deepEqual(found, actors)
  }
})

test('A22: may_act names who may act', async () => {
  const backend = await service()
  const stranger = await service()
  const careful = await createTestClient(running, { mayAct: [backend.id] })
  const { body } = await careful.redeem(await careful.code({ resource: api }), { resource: api })
  const token = String(body['access_token'])
  assert.deepEqual(payloadOf(token)['may_act'], { sub: backend.id })
  assert.equal((await exchange(backend, { subject_token: token })).status, 200)
  assert.equal((await exchange(stranger, { subject_token: token })).body['error'], 'invalid_request')
})

test('A22: tokens that were taken back, and those of disabled accounts, are worth nothing', async () => {
  const backend = await service()
  const token = await tokenOf('profile:read')
  running.people.set('alice', person('alice', { disabled: true }))
  assert.equal((await exchange(backend, { subject_token: token })).body['error'], 'invalid_request')
  running.people.set('alice', person('alice'))
  assert.equal((await exchange(backend, { subject_token: token })).status, 200)
  assert.equal((await client.post('/revoke', { token })).status, 200)
  assert.equal((await exchange(backend, { subject_token: token })).body['error'], 'invalid_request')
})
