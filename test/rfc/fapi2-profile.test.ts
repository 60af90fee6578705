import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { type RunningAuthority, startAuthority } from '../support/authority.ts'
import { callback, createTestClient, payloadOf } from '../support/oauth.ts'

let running: RunningAuthority

before(async () => {
  running = await startAuthority()
})
after(() => running.close())

async function member(alg: 'ES256' | 'PS256' | 'Ed25519') {
  const { publicKey, privateKey } = await generateKeyPair(alg, { modulusLength: 2048 })
  const client = await createTestClient(running, {
    authentication: 'private_key_jwt',
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg }] },
    profile: 'fapi-2.0',
    dpopBound: true,
  })
  const proofKey = await generateKeyPair('ES256')
  const jwk = await exportJWK(proofKey.publicKey)
  const seconds = (): number => Math.floor(Date.now() / 1000)
  const assertion = (claims: Record<string, unknown> = {}): Promise<string> =>
    new SignJWT({
      iss: client.id,
      sub: client.id,
      aud: running.issuer,
      jti: randomUUID(),
      iat: seconds(),
      exp: seconds() + 60,
      ...claims,
    })
      .setProtectedHeader({ alg, kid: 'k' })
      .sign(privateKey)
  const proof = (path: string): Promise<string> =>
    new SignJWT({ jti: randomUUID(), htm: 'POST', htu: running.issuer + path, iat: seconds() })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
      .sign(proofKey.privateKey)
  const send = async (path: string, form: Record<string, string>, claims?: Record<string, unknown>) =>
    client.post(
      path,
      {
        ...form,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await assertion(claims),
      },
      path === '/token' ? { dpop: await proof(path) } : {},
    )
  const parameters = Object.fromEntries(new URL(client.url()).searchParams)
  return { client, send, parameters }
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

for (const alg of ['ES256', 'PS256', 'Ed25519'] as const)
  test(`A30: PAR, S256, private_key_jwt with ${alg}, DPoP: one whole flow`, async () => {
    const { client, send, parameters } = await member(alg)
    const pushed = await send('/par', parameters)
    assert.equal(pushed.status, 201, JSON.stringify(pushed.body))
    const found = await client.authorize(only(pushed.body['request_uri']))
    assert.equal(found.get('iss'), running.issuer)
    const tokens = await send('/token', {
      grant_type: 'authorization_code',
      code: found.get('code') ?? '',
      redirect_uri: callback,
      code_verifier: client.verifier,
    })
    assert.equal(tokens.status, 200, JSON.stringify(tokens.body))
    assert.equal(tokens.body['token_type'], 'DPoP')
    assert.ok('cnf' in payloadOf(tokens.body['access_token']))
  })

test('A30: without PAR nothing is authorized; clocks may differ by ten seconds, not by sixty', async () => {
  const { client, send, parameters } = await member('ES256')
  assert.equal((await client.authorize()).get('error'), 'invalid_request')
  const now = Math.floor(Date.now() / 1000)
  assert.equal((await send('/par', parameters, { nbf: now + 8, iat: now + 8 })).status, 201)
  assert.equal((await send('/par', parameters, { nbf: now + 60, iat: now + 60 })).status, 401)
})

test('A30: a registration that is not of the profile is refused', async () => {
  for (const registration of [
    { authentication: 'client_secret_basic', dpopBound: true },
    { authentication: 'none', dpopBound: true },
  ] as const)
    await assert.rejects(running.register({ redirectUris: [callback], profile: 'fapi-2.0', ...registration }))
})
