import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { anonymous, type Principal } from '../../kernel/principal.ts'
import { createAssertion } from './identity.ts'
import { createIdentityKey } from './identity-key.ts'

const principal: Principal = {
  ...anonymous,
  issuer: 'travel',
  sub: 'user-123',
  client: 'app',
  roles: ['agent'],
  scopes: ['profile', 'bookings'],
  kind: 'jwt',
  credential: 'digest-1',
}

describe('identity assertion', () => {
  it('is an ES256 JWT that the published key verifies', async () => {
    const assertion = createAssertion()
    const keys = createLocalJWKSet({ keys: assertion.jwks.keys.map((key) => ({ ...key })) })
    const { payload, protectedHeader } = await jwtVerify(assertion.header(principal, 'travel'), keys, {
      audience: 'travel',
      issuer: 'travel',
      algorithms: ['ES256'],
    })
    assert.equal(payload.sub, 'user-123')
    assert.equal(payload['client_id'], 'app')
    assert.equal(payload['scope'], 'profile bookings')
    assert.deepEqual(payload['roles'], ['agent'])
    assert.ok(typeof payload.jti === 'string' && payload.jti.length >= 16)
    assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 60)
    assert.equal(protectedHeader.kid, assertion.jwks.keys[0]?.kid)
  })

  it('serves one credential at one API for 20 seconds, and no other', () => {
    let now = 1_000_000
    const assertion = createAssertion({ clock: { now: () => now, monotonic: () => now } })
    const first = assertion.header(principal, 'travel')
    assert.equal(assertion.header(principal, 'travel'), first)
    assert.notEqual(assertion.header(principal, 'other'), first)
    assert.notEqual(assertion.header({ ...principal, credential: 'digest-2' }, 'travel'), first)
    now += 20_000
    assert.notEqual(assertion.header(principal, 'travel'), first)
  })

  it('never outlives the credential', () => {
    const now = 1_000_000
    const assertion = createAssertion({ clock: { now: () => now, monotonic: () => now } })
    const [, payload = ''] = assertion.header({ ...principal, expires: 1_010 }, 'travel').split('.')
    assert.equal(JSON.parse(Buffer.from(payload, 'base64url').toString()).exp, 1_010)
  })

  it('says nothing of an anonymous caller', () => {
    assert.equal(createAssertion().header(anonymous, 'travel'), '')
  })

  it('keeps a bounded number, and none without a digest', () => {
    const assertion = createAssertion({ maxCached: 2 })
    const first = assertion.header(principal, 'travel')
    assertion.header({ ...principal, credential: 'b' }, 'travel')
    assertion.header({ ...principal, credential: 'c' }, 'travel')
    assert.notEqual(assertion.header(principal, 'travel'), first)
    const bare = { ...principal, credential: '' }
    assert.notEqual(assertion.header(bare, 'travel'), assertion.header(bare, 'travel'))
  })

  it('uses keys that workers share, of the right kind only', () => {
    const key = { pem: createIdentityKey(), from: 0, created: 0 }
    const [one, two] = [createAssertion({ keys: [key] }), createAssertion({ keys: [key] })]
    assert.deepEqual(one.jwks, two.jwks)
    const wrong = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
    const pem = wrong.export({ type: 'pkcs8', format: 'pem' }).toString()
    assert.throws(() => createAssertion({ keys: [{ pem, from: 0, created: 0 }] }), TypeError)
    assert.throws(() => createAssertion({ keys: [] }), TypeError)
    assert.throws(() => createAssertion({ ttlSeconds: 61 }), RangeError)
  })

  it('publishes the next key before it signs, and the last one after', async () => {
    let now = 1_000_000
    const [old, next] = [
      { pem: createIdentityKey(), from: 0, created: 0 },
      { pem: createIdentityKey(), from: now + 60_000, created: now },
    ]
    const assertion = createAssertion({ keys: [old], clock: { now: () => now, monotonic: () => now } })
    const { jwks } = assertion
    assertion.use([next, old])
    assert.notEqual(assertion.jwks, jwks)
    const ids = assertion.jwks.keys.map(({ kid }) => kid)
    const kid = (): string | undefined =>
      decodeProtectedHeader(assertion.header({ ...principal, credential: '' }, 'travel')).kid
    assert.equal(kid(), ids[1])
    now += 60_000
    assert.equal(kid(), ids[0])
    assert.equal(decodeProtectedHeader(assertion.sign({}, 'x+jwt')).kid, ids[0])
  })
})
