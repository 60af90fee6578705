import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { createClientAdmin } from '../../src/app/admin/client-admin.ts'
import { createApp } from '../../src/app/app.ts'
import { openState } from '../../src/app/state/state.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { Unusable } from '../../src/kernel/finding.ts'
import { freePort } from '../support/free-port.ts'
import { startTlsServer } from '../support/tls-server.ts'

async function writeConfig(
  t: TestContext,
  outbound: object,
  ca: string,
): Promise<{ file: string; issuer: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-outbound-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}/auth`
  writeFileSync(join(folder, 'ca.pem'), ca)
  writeFileSync(join(folder, 'no.pem'), 'no certificate')
  writeFileSync(
    join(folder, 'things.yaml'),
    'openapi: 3.1.0\ninfo: { title: Things, version: "1" }\npaths: { /things: { get: { operationId: things, security: [{ login: [things:read] }], responses: { "200": { description: ok } } } } }\ncomponents: { securitySchemes: { login: { type: http, scheme: bearer } } }\n',
  )
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(
    file,
    JSON.stringify({
      listen: [{ address: `127.0.0.1:${port}` }],
      log: { events: 'none' },
      authority: { issuer, scopes: { 'things:read': 'See things' }, outbound },
      apis: { things: { contract: 'things.yaml', upstream: 'http://127.0.0.1:9' } },
    }),
  )
  return { file, issuer }
}

/** Asks a gateway for a token as a client whose keys are at `jwksUri`. */
async function grant(
  t: TestContext,
  outbound: (port: number) => object,
): Promise<{ status: number; connections: number }> {
  const keys = await startTlsServer(t)
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }
  keys.answer = (_request, response) => void response.end(JSON.stringify({ keys: [jwk] }))
  const { file, issuer } = await writeConfig(t, outbound(keys.port), keys.ca)
  const loaded = await loadConfig(file, {})
  const app = await createApp(loaded)
  t.after(() => app.close(0))
  const state = await openState(loaded.config)
  const { client } = await createClientAdmin(state, loaded.config).create({
    grants: ['client'],
    authentication: 'private_key_jwt',
    scopes: ['things:read'],
    jwksUri: `${keys.url}/jwks`,
  })
  await state.close()
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer(client.id)
    .setSubject(client.id)
    .setAudience(issuer)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(privateKey)
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'things:read',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  })
  return { status: response.status, connections: keys.connections() }
}

test('A20: a client’s keys inside are fetched where the configuration names host and port', async (t) => {
  const allowed = await grant(t, (port) => ({ allow: [`localhost:${port}`], authorities: 'ca.pem' }))
  assert.equal(allowed.status, 200)
  assert.equal(allowed.connections, 1)
})

test('A20: without that, and without the authority of the certificate, they are not', async (t) => {
  const refused = await grant(t, () => ({ authorities: 'ca.pem' }))
  assert.ok(refused.status >= 400 && refused.status < 500)
  assert.equal(refused.connections, 0)
  const untrusted = await grant(t, (port) => ({ allow: [`localhost:${port}`] }))
  assert.ok(untrusted.status >= 400 && untrusted.status < 500)
})

test('what cannot be read stops the start', async (t) => {
  for (const outbound of [
    { authorities: 'no.pem' },
    { authorities: 'absent.pem' },
    { allow: ['app.internal:99999'] },
  ]) {
    const { file } = await writeConfig(t, outbound, '')
    await assert.rejects(
      async () => createApp(await loadConfig(file, {})),
      Unusable,
      JSON.stringify(outbound),
    )
  }
  for (const allow of ['app.internal', 'https://app.internal:1', 'a b:1', '*', '10.0.0.0/99']) {
    const { file } = await writeConfig(t, { allow: [allow] }, '')
    assert.throws(() => loadConfig(file, {}), Unusable, allow)
  }
})
