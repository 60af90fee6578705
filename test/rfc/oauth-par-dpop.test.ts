import assert from 'node:assert/strict'
import { createHash, randomUUID, X509Certificate } from 'node:crypto'
import { after, before, test } from 'node:test'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { type RunningAuthority, startAuthority } from '../support/authority.ts'
import { createClientCertificate } from '../support/client-certificate.ts'
import { createTestClient, payloadOf, type TestClient } from '../support/oauth.ts'

let running: RunningAuthority
let client: TestClient

before(async () => {
  running = await startAuthority()
  client = await createTestClient(running)
})
after(() => running.close())

/** Parameters of an authorization request, as PAR takes them. */
function request(
  of: TestClient,
  more: Record<string, string | undefined> = {},
): Record<string, string | undefined> {
  const url = new URL(of.url())
  return { ...Object.fromEntries(url.searchParams), ...more }
}

async function push(of: TestClient, more: Record<string, string | undefined> = {}, headers = {}) {
  return of.post('/par', request(of, more), headers)
}

const only = (requestUri: unknown) => ({
  request_uri: String(requestUri),
  response_type: undefined,
  redirect_uri: undefined,
  scope: undefined,
  state: undefined,
  code_challenge: undefined,
  code_challenge_method: undefined,
})

interface Proof {
  readonly jkt: string
  of(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>
}

async function prover(path = '/token'): Promise<Proof> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = await exportJWK(publicKey)
  return {
    jkt: await calculateJwkThumbprint(jwk),
    of: (claims = {}, header = {}) =>
      new SignJWT({
        jti: randomUUID(),
        htm: 'POST',
        htu: running.issuer + path,
        iat: Math.floor(Date.now() / 1000),
        ...claims,
      })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk, ...header })
        .sign(privateKey),
  }
}

test('A19: a pushed request is used once, by its client, with its own parameters', async () => {
  const pushed = await push(client, { state: 'pushed' })
  assert.equal(pushed.status, 201, JSON.stringify(pushed.body))
  const expires = Number(pushed.body['expires_in'])
  assert.ok(expires >= 5 && expires <= 600)
  const other = await createTestClient(running)
  const foreign = await other.page(only(pushed.body['request_uri']))
  assert.equal(foreign.status, 400)
  const found = await client.authorize({
    ...only(pushed.body['request_uri']),
    scope: 'openid bookings:write',
    state: 'front',
  })
  assert.equal(found.get('state'), 'pushed')
  const tokens = await client.redeem(found.get('code') ?? '')
  assert.equal(payloadOf(tokens.body['access_token'])['scope'], 'profile:read')
  const again = await client.browser.visit(client.url(only(pushed.body['request_uri'])))
  if (again.away !== undefined) assert.equal(again.away.searchParams.get('code'), null)
  else assert.equal(again.page.status, 400)
})

test('A19: request_uri inside, no authentication, GET, oversize, unknown', async () => {
  const inside = await push(client, { request_uri: 'urn:x' })
  assert.equal(inside.status, 400)
  assert.match(String(inside.body['error']), /^(invalid_request|request_uri_not_supported)$/)
  assert.equal((await push(client, {}, { authorization: '' })).status, 401)
  assert.equal((await fetch(`${running.issuer}/par`)).status, 405)
  assert.ok([400, 413].includes((await push(client, { state: 'x'.repeat(100_000) })).status))
  assert.equal((await client.page(only('urn:ietf:params:oauth:request_uri:unknown'))).status, 400)
  for (const params of [
    { redirect_uri: 'https://evil.example/' },
    { code_challenge: undefined },
    { scope: 'openid bookings:write' },
  ])
    assert.equal((await push(client, params)).status, 400)
})

test('A19: 20 authorizations of one request at once: one code', async () => {
  const { body } = await push(client)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => client.browser.visit(client.url(only(body['request_uri'])))),
  )
  const codes = answers.flatMap(({ away }) => away?.searchParams.get('code') ?? [])
  assert.equal(codes.length, 1)
})

test('A21: DPoP at the token endpoint binds token and refresh token of a public client', async () => {
  const spa = await createTestClient(running, { authentication: 'none', verified: true })
  const proof = await prover()
  const id = { client_id: spa.id }
  const tokens = await spa.redeem(await spa.code(), id, { dpop: await proof.of() })
  assert.equal(tokens.status, 200, JSON.stringify(tokens.body))
  assert.equal(tokens.body['token_type'], 'DPoP')
  assert.deepEqual(payloadOf(tokens.body['access_token'])['cnf'], { jkt: proof.jkt })
  const form = { grant_type: 'refresh_token', refresh_token: String(tokens.body['refresh_token']), ...id }
  const stranger = await prover()
  assert.equal((await spa.post('/token', form, { dpop: await stranger.of() })).body['error'], 'invalid_grant')
  assert.equal((await spa.post('/token', form)).body['error'], 'invalid_grant')
  const next = await spa.post('/token', form, { dpop: await proof.of() })
  assert.equal(next.status, 200, JSON.stringify(next.body))
})

test('A21: dpop_jkt of the request and of PAR must be the key of the token request', async () => {
  const proof = await prover()
  const stranger = await prover()
  const code = await client.code({ dpop_jkt: proof.jkt })
  assert.match(
    String((await client.redeem(code, {}, { dpop: await stranger.of() })).body['error']),
    /invalid_(grant|dpop_proof)/,
  )
  const other = await client.code({ dpop_jkt: proof.jkt })
  assert.match(String((await client.redeem(other)).body['error']), /invalid_(grant|dpop_proof)/)
  const third = await client.code({ dpop_jkt: proof.jkt })
  assert.equal((await client.redeem(third, {}, { dpop: await proof.of() })).status, 200)
  const atPar = await prover('/par')
  assert.equal((await push(client, { dpop_jkt: proof.jkt }, { dpop: await atPar.of() })).status, 400)
})

test('A21: proofs that are none: refused, nothing issued', async () => {
  const proof = await prover()
  const now = Math.floor(Date.now() / 1000)
  const once = await proof.of()
  const bad: [string, string][] = [
    ['not a JWT', 'x.y.z'],
    ['other method', await proof.of({ htm: 'GET' })],
    ['other URL', await proof.of({ htu: `${running.issuer}/par` })],
    ['no jti', await proof.of({ jti: undefined })],
    ['no htm', await proof.of({ htm: undefined })],
    ['no htu', await proof.of({ htu: undefined })],
    ['no iat', await proof.of({ iat: undefined })],
    ['an hour ago', await proof.of({ iat: now - 3600 })],
    ['in an hour', await proof.of({ iat: now + 3600 })],
    ['another typ', await proof.of({}, { typ: 'JWT' })],
    ['no key', await proof.of({}, { jwk: undefined })],
    ['another key', await proof.of({}, { jwk: await exportJWK((await generateKeyPair('ES256')).publicKey) })],
    ['foreign nonce', await proof.of({ nonce: 'foreign' })],
  ]
  const machine = await createTestClient(running, { redirectUris: [], grants: ['client'] })
  const ask = (dpop: string) => machine.post('/token', { grant_type: 'client_credentials' }, { dpop })
  for (const [what, dpop] of bad) {
    const { status, body } = await ask(dpop)
    assert.equal(status, 400, what)
    assert.match(String(body['error']), /^(invalid_dpop_proof|use_dpop_nonce)$/, what)
    assert.equal(body['access_token'], undefined)
  }
  assert.equal((await ask(once)).status, 200)
  assert.match(String((await ask(once)).body['error']), /invalid_(grant|dpop_proof)/)
  const racing = await proof.of()
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask(racing)))
  assert.equal(answers.filter((one) => one.status === 200).length, 1)
})

test('A21: a nonce is asked for where it is required, and then taken', async () => {
  const strict = await startAuthority({ dpopNonceRequired: true })
  try {
    const machine = await createTestClient(strict, { redirectUris: [], grants: ['client'], dpopBound: true })
    const proof = await prover()
    const form = { grant_type: 'client_credentials' }
    const htu = `${strict.issuer}/token`
    const asked = await machine.post('/token', form, { dpop: await proof.of({ htu }) })
    assert.equal(asked.body['error'], 'use_dpop_nonce')
    const nonce = asked.headers.get('dpop-nonce') ?? ''
    assert.ok(nonce.length > 20)
    const given = await machine.post('/token', form, { dpop: await proof.of({ htu, nonce }) })
    assert.equal(given.status, 200, JSON.stringify(given.body))
    assert.equal((await machine.post('/token', form)).status, 400, 'a bound client without a proof')
  } finally {
    await strict.close()
  }
})

test('A21: tokens of mutual TLS clients bear the thumbprint of the certificate', async () => {
  const { der, uri } = await createClientCertificate('spiffe://travel.example/device/1')
  const stranger = await createClientCertificate('spiffe://travel.example/device/2')
  const device = await createTestClient(running, {
    redirectUris: [],
    grants: ['client'],
    authentication: 'tls_client_auth',
    certificate: { uri },
    certificateBound: true,
  })
  const ask = () => device.post('/token', { grant_type: 'client_credentials', client_id: device.id })
  try {
    running.address = '198.51.100.99'
    assert.equal((await ask()).status, 401)
    running.certificate = stranger.der
    assert.equal((await ask()).status, 401)
    running.certificate = der
    const { status, body } = await ask()
    assert.equal(status, 200, JSON.stringify(body))
    const thumbprint = createHash('sha256').update(new X509Certificate(der).raw).digest('base64url')
    assert.deepEqual(payloadOf(body['access_token'])['cnf'], { 'x5t#S256': thumbprint })
  } finally {
    running.certificate = undefined
    running.address = '127.0.0.1'
  }
})
