import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { lookup } from 'node:dns'
import { type TestContext, test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { createOutbound, type OutboundOptions } from '../../src/outbound/create-outbound.ts'
import { type RunningAuthority, startAuthority } from '../support/authority.ts'
import { startTlsServer } from '../support/tls-server.ts'
import { until } from './key-server.ts'

/** A server whose own calls go through the guarded client; every name resolves to loopback, as an attacker's would. */
async function start(t: TestContext, options: OutboundOptions = {}): Promise<RunningAuthority> {
  const resolve = ((_name: string, _options: unknown, callback: (error: null, found: unknown) => void) =>
    callback(null, [{ address: '127.0.0.1', family: 4 }])) as unknown as typeof lookup
  const outbound = createOutbound({ resolve, timeoutMs: 1000, maxBytes: 65_536, ...options })
  const running = await startAuthority({ fetch: outbound.fetch })
  t.after(async () => {
    await running.close()
    await outbound.close()
  })
  return running
}

interface KeyClient {
  readonly jwk: object
  /** Asks for a token with an assertion that its key set proves. */
  grant(): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>
}

async function keyClient(running: RunningAuthority, jwksUri: string): Promise<KeyClient> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const { id } = await running.register({
    grants: ['client'],
    authentication: 'private_key_jwt',
    scopes: ['profile:read'],
    jwksUri,
  })
  return {
    jwk: { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' },
    async grant() {
      const assertion = await new SignJWT()
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(id)
        .setSubject(id)
        .setAudience(running.issuer)
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(privateKey)
      const response = await fetch(`${running.issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          scope: 'profile:read',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
        }),
      })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    },
  }
}

test('A20: a jwks_uri that leads inside is never connected to, whatever its spelling; nothing is issued', async (t) => {
  const inside = await startTlsServer(t)
  const running = await start(t, { authorities: [inside.ca] })
  for (const host of [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '2130706433',
    'rebind.example',
  ]) {
    running.address = `198.51.100.${running.outcomes.length % 250}`
    const client = await keyClient(running, `https://${host}:${inside.port}/jwks`)
    const { status, body } = await client.grant()
    assert.ok(status >= 400 && status < 500, `${host} ${status}`)
    assert.equal(body['access_token'], undefined)
    assert.doesNotMatch(
      JSON.stringify(body),
      /127\.0\.0\.1|private|refused/,
      'the answer says nothing of what is inside',
    )
  }
  for (const place of ['https://169.254.169.254/jwks', 'https://10.0.0.1/jwks', 'https://[fd00::1]/jwks']) {
    const client = await keyClient(running, place)
    assert.ok((await client.grant()).status >= 400, place)
  }
  assert.equal(inside.connections(), 0)
})

test('A20: a jwks_uri that is allowed by host and port works; its redirects and its size are bounded', async (t) => {
  const app = await startTlsServer(t)
  const running = await start(t, { allowPrivate: [`localhost:${app.port}`], authorities: [app.ca] })
  const client = await keyClient(running, `${app.url}/jwks`)
  app.answer = (_request, response) => void response.writeHead(302, { location: `${app.url}/inside` }).end()
  assert.ok((await client.grant()).status >= 400)
  app.answer = (_request, response) => void response.end(`{"keys":[],"x":"${'x'.repeat(70_000)}"}`)
  assert.ok((await client.grant()).status >= 400)
  app.answer = (_request, response) =>
    void response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ keys: [client.jwk] }))
  const { status, body } = await client.grant()
  assert.equal(status, 200, JSON.stringify(body))
  assert.ok(app.seen.every((one) => one.method === 'GET' && one.url === '/jwks'))
  // The key set is kept for a minute: one call of ours a minute, not one a grant.
  const asked = app.seen.length
  assert.equal((await client.grant()).status, 200)
  assert.equal(app.seen.length, asked)
})

test('A20: logo, policy and terms are for browsers: registering and using a client fetches none of them', async (t) => {
  const inside = await startTlsServer(t)
  const running = await start(t, { allowPrivate: [`localhost:${inside.port}`], authorities: [inside.ca] })
  const { id, secret } = await running.register({
    grants: ['client'],
    scopes: ['profile:read'],
    logoUri: `${inside.url}/logo.svg`,
    policyUri: `${inside.url}/policy`,
    tosUri: `${inside.url}/terms`,
  })
  const response = await fetch(`${running.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'profile:read' }),
  })
  assert.equal(response.status, 200)
  assert.equal(inside.connections(), 0)
})

test('A20: a back-channel sign-out that leads inside is not sent, and the operator hears of it', async (t) => {
  const inside = await startTlsServer(t)
  const running = await start(t, { authorities: [inside.ca] })
  const { createTestClient } = await import('../support/oauth.ts')
  const client = await createTestClient(running, { backchannelLogoutUri: `${inside.url}/logout` })
  assert.equal((await client.redeem(await client.code())).status, 200)
  await running.authority.sessions.signOutEverywhere('alice')
  await until(() => running.events.some((event) => event.kind === 'logout-failed'))
  assert.equal(inside.connections(), 0)
})
