import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../../src/kernel/clock.ts'
import type { Principal } from '../../src/kernel/principal.ts'
import { isDenied } from '../../src/kernel/verdict.ts'
import { audience, createSigner, goodClaims, issuerOf, openGate, outcomeOf } from './token-fixture.ts'

const invalid = 'IDENTIFY_TOKEN_INVALID'
const signer = await createSigner('ES256')
const now = (): number => Math.floor(Date.now() / 1000)

async function principalOf(claims: Record<string, unknown>, over = {}): Promise<Principal> {
  const result = await openGate([issuerOf([signer], over)]).bearer(signer.token(claims))
  assert.ok(!isDenied(result), JSON.stringify(result))
  return result
}

test('J06: exp, nbf and iat', async () => {
  const gate = openGate([issuerOf([signer], { clockToleranceSeconds: 30 })])
  const rows: [Record<string, unknown>, string][] = [
    [{ exp: now() - 31 }, 'IDENTIFY_TOKEN_EXPIRED'],
    [{ exp: 0 }, 'IDENTIFY_TOKEN_EXPIRED'],
    [{ exp: now() - 20 }, '123'],
    [{ exp: undefined }, invalid],
    [{ exp: null }, invalid],
    [{ exp: String(now() + 60) }, invalid],
    [{ exp: -1 }, invalid],
    [{ exp: 1e300 }, invalid],
    [{ exp: [now() + 60] }, invalid],
    [{ exp: true }, invalid],
    [{ nbf: now() + 20 }, '123'],
    [{ nbf: now() + 40 }, invalid],
    [{ nbf: '0' }, invalid],
    [{ nbf: -5 }, invalid],
    [{ iat: now() + 3600 }, invalid],
    [{ iat: 'now' }, invalid],
    [{ iat: -1 }, invalid],
    [{ iat: undefined }, '123'],
    [{ exp: now() + 60.5 }, '123'],
  ]
  for (const [over, expected] of rows)
    assert.equal(outcomeOf(await gate.bearer(signer.token(goodClaims(over)))), expected, JSON.stringify(over))
})

test('J06: a leeway above 60 s cannot be configured', () => {
  for (const clockToleranceSeconds of [61, -1, Number.NaN])
    assert.throws(() => openGate([issuerOf([signer], { clockToleranceSeconds })]), /tolerance/)
})

test('J06: an expired token with any other flaw is invalid, not expired', async () => {
  const gate = openGate([issuerOf([signer])])
  const past = { exp: now() - 600 }
  for (const over of [{ aud: 'x' }, { iss: 'x' }, { nbf: 'x' }])
    assert.equal(outcomeOf(await gate.bearer(signer.token(goodClaims({ ...past, ...over })))), invalid)
  const forged = signer.token(goodClaims(past)).replace(/\.[^.]+$/, `.${'A'.repeat(86)}`)
  assert.equal(outcomeOf(await gate.bearer(forged)), invalid)
})

test('J07: iss to the letter, aud must hold the audience', async () => {
  const gate = openGate([issuerOf([signer])])
  const rows: [Record<string, unknown>, string][] = [
    [{ iss: 'https://id.travel.example/' }, invalid],
    [{ iss: 'HTTPS://id.travel.example' }, invalid],
    [{ iss: undefined }, invalid],
    [{ iss: '' }, invalid],
    [{ aud: undefined }, invalid],
    [{ aud: [] }, invalid],
    [{ aud: '' }, invalid],
    [{ aud: `${audience}/` }, invalid],
    [{ aud: `${audience} other` }, invalid],
    [{ aud: ['other', audience] }, '123'],
  ]
  for (const [over, expected] of rows)
    assert.equal(outcomeOf(await gate.bearer(signer.token(goodClaims(over)))), expected, JSON.stringify(over))
})

test('J08: other kinds of JWT are not access tokens', async () => {
  const gate = openGate([issuerOf([signer])])
  const typed = (typ: unknown, over = {}): string =>
    signer.token(goodClaims(over), { alg: 'ES256', kid: 'k1', ...(typ === undefined ? {} : { typ }) })
  for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'JWT', 'jwt', undefined])
    assert.equal(outcomeOf(await gate.bearer(typed(typ))), '123', String(typ))
  for (const typ of [
    'logout+jwt',
    'dpop+jwt',
    'secevent+jwt',
    'oauth-authz-req+jwt',
    'application/dpop+jwt',
    'JOSE',
    'x',
    '',
    5,
    null,
  ])
    assert.equal(outcomeOf(await gate.bearer(typed(typ))), invalid, String(typ))
  // What says JWT, or nothing, is looked through for signs of another kind.
  const foreign: Record<string, Record<string, unknown>> = {
    'ID token': { nonce: 'n-0S6_WzA2Mj' },
    'ID token with at_hash': { at_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng' },
    'logout token': { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
    'DPoP proof': { htm: 'GET', htu: 'https://api.travel.example/' },
    'request object': { response_type: 'code', redirect_uri: 'https://app.example/' },
    'client assertion': { sub: 'https://id.travel.example' },
    'vendor ID token': { token_use: 'id' },
    'vendor refresh token': { typ: 'Refresh' },
  }
  for (const [name, over] of Object.entries(foreign))
    for (const typ of ['JWT', undefined])
      assert.equal(outcomeOf(await gate.bearer(typed(typ, over))), invalid, name)
})

test('J08: with types: [at+jwt] nothing else passes', async () => {
  const gate = openGate([issuerOf([signer], { types: ['application/AT+JWT'] })])
  assert.equal(outcomeOf(await gate.bearer(signer.token())), '123')
  for (const header of [
    { alg: 'ES256', kid: 'k1' },
    { alg: 'ES256', kid: 'k1', typ: 'JWT' },
  ])
    assert.equal(outcomeOf(await gate.bearer(signer.token(undefined, header))), invalid)
  assert.throws(
    () => openGate([issuerOf([signer], { types: ['at+jwt', 'application/DPoP+jwt'] })]),
    /no type of an access token/,
  )
})

test('RFC 7800: a token bound to a key is not taken as a plain bearer token', async () => {
  const gate = openGate([issuerOf([signer])])
  for (const cnf of [{ jkt: 'x' }, { 'x5t#S256': 'x' }, {}, null])
    assert.equal(outcomeOf(await gate.bearer(signer.token(goodClaims({ cnf })))), invalid)
})

test('the principal is what the claims say', async () => {
  const claims = goodClaims({ client_id: 'web', roles: ['admin', 'agent'], amr: ['pwd', 'otp'], jti: 'j1' })
  const principal = await principalOf(claims)
  assert.equal(principal.issuer, 'travel')
  assert.equal(principal.sub, '123')
  assert.equal(principal.client, 'web')
  assert.deepEqual(principal.scopes, ['a', 'b'])
  assert.deepEqual(principal.roles, ['admin', 'agent'])
  assert.deepEqual(principal.amr, ['pwd', 'otp'])
  assert.equal(principal.kind, 'jwt')
  assert.equal(principal.expires, claims['exp'])
  assert.match(principal.credential, /^[0-9a-f]{16}$/)
  assert.equal(principal.claims['jti'], 'j1')
  assert.equal(Object.getPrototypeOf(principal.claims), null)
  assert.ok(
    Object.isFrozen(principal) && Object.isFrozen(principal.claims) && Object.isFrozen(principal.roles),
  )
})

test('claim names may be paths, and names with dots come first', async () => {
  const nested = goodClaims({
    realm_access: { roles: ['admin'] },
    'https://x.example/uid': 'u-9',
    scp: ['read', 'write'],
    azp: 'spa',
  })
  const principal = await principalOf(nested, {
    roles: 'realm_access.roles',
    subject: 'https://x.example/uid',
    scopes: 'scp',
  })
  assert.deepEqual(principal.roles, ['admin'])
  assert.equal(principal.sub, 'u-9')
  assert.deepEqual(principal.scopes, ['read', 'write'])
  assert.equal(principal.client, 'spa')
  const without = await principalOf(goodClaims(), { roles: 'constructor.name' })
  assert.deepEqual(without.roles, [])
})

test('R17: one subject of two issuers is two principals', async () => {
  const other = await createSigner('ES256')
  const issuers = [
    issuerOf([signer]),
    issuerOf([other], { name: 'partner', issuer: 'https://id.partner.example' }),
  ]
  const gate = openGate(issuers)
  const one = await gate.bearer(signer.token())
  const two = await gate.bearer(other.token(goodClaims({ iss: 'https://id.partner.example' })))
  assert.ok(!isDenied(one) && !isDenied(two))
  assert.equal(one.sub, two.sub)
  assert.notEqual(one.issuer, two.issuer)
})

test('R17: a client is not the user of the same name', async () => {
  const own = await principalOf(goodClaims({ sub: '123', client_id: '123' }))
  assert.equal(own.sub, 'client:123')
  assert.equal(own.client, '123')
  const user = await principalOf(goodClaims({ sub: '456', client_id: '123' }))
  assert.equal(user.sub, '456')
  const gate = openGate([issuerOf([signer])])
  assert.equal(
    outcomeOf(await gate.bearer(signer.token(goodClaims({ sub: 'client:123', client_id: 'web' })))),
    invalid,
  )
})

test('J17: a verified token is believed until exp or 60 s, and not after clear()', async () => {
  let time = Date.now()
  const clock: Clock = { now: () => time, monotonic: () => time }
  const gate = openGate([issuerOf([signer], { clockToleranceSeconds: 0 })], { clock })
  const token = signer.token(goodClaims({ exp: Math.floor(time / 1000) + 20 }))
  assert.equal(outcomeOf(await gate.bearer(token)), '123')
  const again = await gate.bearer(token)
  assert.equal(again, await gate.bearer(token), 'the same object: it came from the cache')
  gate.identify.clear()
  assert.notEqual(again, await gate.bearer(token), 'verified anew')
  time += 21_000
  assert.equal(outcomeOf(await gate.bearer(token)), 'IDENTIFY_TOKEN_EXPIRED')

  const long = signer.token(
    goodClaims({ exp: Math.floor(time / 1000) + 3600, iat: Math.floor(time / 1000) - 30 }),
  )
  const first = await gate.bearer(long)
  time += 59_000
  assert.equal(await gate.bearer(long), first)
  time += 2000
  assert.notEqual(await gate.bearer(long), first)
})

test('J17: setting the wall clock back prolongs nothing', async () => {
  let wall = Date.now()
  let mono = 0
  const clock: Clock = { now: () => wall, monotonic: () => mono }
  const gate = openGate([issuerOf([signer])], { clock })
  const token = signer.token(
    goodClaims({ exp: Math.floor(wall / 1000) + 600, iat: Math.floor(wall / 1000) - 7200 }),
  )
  const first = await gate.bearer(token)
  wall -= 3_600_000
  mono += 61_000
  assert.notEqual(await gate.bearer(token), first)
})
