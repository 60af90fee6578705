import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { createOutbound } from '../../src/outbound/create-outbound.ts'
import { until } from '../advisory/key-server.ts'
import { type RunningAuthority, startAuthority } from '../support/authority.ts'
import { createTestClient, payloadOf, type TestClient } from '../support/oauth.ts'
import { startTlsServer, type TlsServer } from '../support/tls-server.ts'

interface Bed {
  readonly running: RunningAuthority
  readonly app: TlsServer
  readonly client: TestClient
}

/** A client whose back channel is a real server behind TLS. */
async function start(t: TestContext): Promise<Bed> {
  const app = await startTlsServer(t)
  const outbound = createOutbound({
    allowPrivate: [`localhost:${app.port}`],
    authorities: [app.ca],
    timeoutMs: 1000,
  })
  const running = await startAuthority({ fetch: outbound.fetch })
  t.after(async () => {
    await running.close()
    await outbound.close()
  })
  const client = await createTestClient(running, {
    backchannelLogoutUri: `${app.url}/backchannel`,
    postLogoutRedirectUris: ['https://app.travel.example/bye'],
  })
  return { running, app, client }
}

async function signIn({ client }: Bed): Promise<Record<string, unknown>> {
  const { status, body } = await client.redeem(await client.code({ scope: 'openid profile:read' }))
  assert.equal(status, 200)
  return body
}

/** What a relying party checks (OpenID Connect Back-Channel Logout 1.0 section 2.6). */
async function verify({ running, client, app }: Bed): Promise<Record<string, unknown>> {
  await until(() => app.seen.length > 0)
  const [call] = app.seen
  assert.deepEqual([call?.method, call?.url], ['POST', '/backchannel'])
  const form = new URLSearchParams(call?.body)
  assert.deepEqual([...form.keys()], ['logout_token'])
  const keys = (await (await fetch(`${running.issuer}/jwks`)).json()) as { keys: object[] }
  const { payload } = await jwtVerify(form.get('logout_token') ?? '', createLocalJWKSet(keys as never), {
    issuer: running.issuer,
    audience: client.id,
    typ: 'logout+jwt',
    requiredClaims: ['iat', 'exp', 'jti', 'sub', 'sid', 'events'],
  })
  assert.equal(payload['nonce'], undefined)
  assert.deepEqual(payload['events'], { 'http://schemas.openid.net/event/backchannel-logout': {} })
  assert.ok(Number(payload.exp) - Number(payload.iat) <= 120)
  return payload
}

test('O05: over sockets: signing out in the browser tells the client, with the session’s id', async (t) => {
  const bed = await start(t)
  const tokens = await signIn(bed)
  const page = await bed.client.browser.request(
    `${bed.running.issuer}/logout?${new URLSearchParams({ id_token_hint: String(tokens['id_token']) })}`,
  )
  const { action, xsrf } = JSON.parse(await page.text()) as { action: string; xsrf: string }
  await bed.client.browser.visit(action, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ xsrf, logout: 'yes' }).toString(),
  })
  const claims = await verify(bed)
  assert.equal(claims['sub'], 'alice')
  assert.equal(typeof claims['sid'], 'string')
  assert.equal(payloadOf(tokens['id_token'])['sid'] ?? claims['sid'], claims['sid'])
})

test('O05: over sockets: signing out everywhere tells the client', async (t) => {
  const bed = await start(t)
  await signIn(bed)
  await bed.running.authority.sessions.signOutEverywhere('alice')
  assert.equal((await verify(bed))['sub'], 'alice')
})

test('O05: a client that does not answer keeps nobody signed in, and the operator hears of it', async (t) => {
  const bed = await start(t)
  const tokens = await signIn(bed)
  bed.app.answer = (_request, response) => void response.writeHead(500).end()
  await bed.running.authority.sessions.signOutEverywhere('alice')
  await until(() => bed.running.events.some((event) => event.kind === 'logout-failed'))
  const told = bed.running.events.find((event) => event.kind === 'logout-failed')
  assert.equal(told?.client, bed.client.id)
  assert.equal((await bed.client.refresh(tokens['refresh_token'])).body['error'], 'invalid_grant')
})
