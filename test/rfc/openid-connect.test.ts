import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { type RunningAuthority, startAuthority } from '../support/authority.ts'
import { Browser } from '../support/browser.ts'
import { clientOf, createTestClient, headerOf, payloadOf, type TestClient } from '../support/oauth.ts'

let running: RunningAuthority
let client: TestClient
const told: { url: string; body: string }[] = []

before(async () => {
  running = await startAuthority({
    fetch: async (url, init) => {
      told.push({ url, body: String(init.body) })
      return new Response(null, { status: 200 })
    },
  })
  client = await createTestClient(running, { postLogoutRedirectUris: ['https://app.travel.example/bye'] })
})
after(() => running.close())

const openid = { scope: 'openid email profile', nonce: 'a-nonce' }

test('O02: ID token: issuer, subject, audience, nonce, times; RS256 on wish, never none', async () => {
  const keys = createLocalJWKSet((await (await fetch(`${running.issuer}/jwks`)).json()) as never)
  for (const algorithm of ['ES256', 'RS256'] as const) {
    const one = await createTestClient(running, { idTokenAlgorithm: algorithm })
    const { body } = await one.redeem(await one.code({ ...openid, max_age: '1000' }))
    assert.equal(headerOf(body['id_token'])['alg'], algorithm)
    const { payload } = await jwtVerify(String(body['id_token']), keys, {
      issuer: running.issuer,
      audience: one.id,
    })
    assert.equal(payload.sub, 'alice')
    assert.equal(payload['nonce'], 'a-nonce')
    assert.equal(typeof payload['auth_time'], 'number')
    assert.ok((payload.exp ?? 0) > (payload.iat ?? 0))
  }
  const found = (await (await fetch(`${running.issuer}/.well-known/openid-configuration`)).json()) as Record<
    string,
    string[]
  >
  assert.ok(found['id_token_signing_alg_values_supported']?.includes('RS256'))
  assert.ok(
    !JSON.stringify(found).includes('"none"') ||
      !found['id_token_signing_alg_values_supported']?.includes('none'),
  )
})

test('O03: prompt=none without a session is login_required', async () => {
  const fresh = clientOf(running, client)
  assert.equal((await fresh.authorize({ prompt: 'none' })).get('error'), 'login_required')
})

test('O03: prompt=login and max_age re-authenticate', async () => {
  const one = await createTestClient(running)
  const first = payloadOf((await one.redeem(await one.code({ ...openid, max_age: '1000' }))).body['id_token'])
  await new Promise((resolve) => setTimeout(resolve, 2_100))
  const silent = payloadOf(
    (await one.redeem(await one.code({ ...openid, max_age: '1000' }))).body['id_token'],
  )
  assert.equal(silent['auth_time'], first['auth_time'])
  const aged = payloadOf((await one.redeem(await one.code({ ...openid, max_age: '1' }))).body['id_token'])
  assert.ok(Number(aged['auth_time']) > Number(first['auth_time']))
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  const prompted = payloadOf(
    (await one.redeem(await one.code({ ...openid, prompt: 'login', max_age: '1000' }))).body['id_token'],
  )
  assert.ok(Number(prompted['auth_time']) > Number(aged['auth_time']))
})

test('O03: id_token_hint of another user is login_required', async () => {
  const one = await createTestClient(running)
  const hint = String((await one.redeem(await one.code(openid))).body['id_token'])
  running.user.sub = 'bob'
  try {
    const other = clientOf(running, one)
    await other.authorize(openid)
    assert.equal(
      (await other.authorize({ ...openid, prompt: 'none', id_token_hint: hint })).get('error'),
      'login_required',
    )
  } finally {
    running.user.sub = 'alice'
  }
})

test('O03: a class of authentication that was asked for is asked for once', async () => {
  const one = await createTestClient(running)
  running.user.amr = ['pwd']
  await one.authorize(openid)
  running.user.amr = ['pwd', 'otp', 'mfa']
  const { body } = await one.redeem(
    await one.code({ ...openid, acr_values: 'urn:sallyport:acr:multi-factor' }),
  )
  running.user.amr = ['pwd']
  assert.equal(payloadOf(body['id_token'])['acr'], 'urn:sallyport:acr:multi-factor')
})

test('O04: UserInfo by GET, POST with header, POST with body; expired or foreign: 401', async () => {
  const { body } = await client.redeem(await client.code(openid))
  const token = String(body['access_token'])
  const ask = (init: RequestInit) => fetch(`${running.issuer}/userinfo`, init)
  const authorization = { authorization: `Bearer ${token}` }
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  for (const init of [
    { headers: authorization },
    { method: 'POST', headers: authorization },
    { method: 'POST', headers: form, body: `access_token=${token}` },
  ]) {
    const reply = await ask(init)
    assert.equal(reply.status, 200)
    assert.deepEqual(await reply.json(), {
      sub: 'alice',
      email: 'alice@travel.example',
      email_verified: true,
      name: 'alice',
    })
  }
  assert.equal((await fetch(`${running.issuer}/userinfo?access_token=${token}`)).status, 400)
  assert.equal((await ask({ headers: { authorization: 'Bearer x' } })).status, 401)
  await client.post('/revoke', { token })
  assert.equal((await ask({ headers: authorization })).status, 401)
})

test('O05: sign-out asks, goes to a registered URI alone, ends the session', async () => {
  const one = await createTestClient(running, { postLogoutRedirectUris: ['https://app.travel.example/bye'] })
  const tokens = (await one.redeem(await one.code(openid))).body
  const hint = String(tokens['id_token'])
  const end = (params: Record<string, string>) => `${running.issuer}/logout?${new URLSearchParams(params)}`
  const bad = await one.browser.request(
    end({ id_token_hint: hint, post_logout_redirect_uri: 'https://evil.example/' }),
  )
  assert.equal(bad.status, 400)
  const asked = await one.browser.request(
    end({ id_token_hint: hint, post_logout_redirect_uri: 'https://app.travel.example/bye', state: 's' }),
  )
  assert.equal(asked.status, 200)
  assert.match(asked.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
  const page = JSON.parse(await asked.text()) as { kind: string; action: string; xsrf: string }
  assert.equal(page.kind, 'logout')
  const forged = await one.browser.request(page.action, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'xsrf=forged&logout=yes',
  })
  assert.equal(forged.status, 400)
  const again = await one.browser.request(
    end({ id_token_hint: hint, post_logout_redirect_uri: 'https://app.travel.example/bye', state: 's' }),
  )
  const { action, xsrf } = JSON.parse(await again.text()) as { action: string; xsrf: string }
  const done = await one.browser.visit(action, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ xsrf, logout: 'yes' }).toString(),
  })
  assert.equal(done.away?.href, 'https://app.travel.example/bye?state=s')
  assert.equal((await one.authorize({ ...openid, prompt: 'none' })).get('error'), 'login_required')
  assert.equal((await one.refresh(tokens['refresh_token'])).body['error'], 'invalid_grant')
})

test('O05: clients are told on the back channel: logout+jwt, events, no nonce, two minutes', async () => {
  const one = await createTestClient(running, { backchannelLogoutUri: 'https://app.travel.example/logout' })
  const { body } = await one.redeem(await one.code(openid))
  told.length = 0
  await running.authority.sessions.signOutEverywhere('alice')
  await new Promise((resolve) => setTimeout(resolve, 50))
  const call = told.find((one) => one.url === 'https://app.travel.example/logout')
  assert.ok(call)
  const token = new URLSearchParams(call.body).get('logout_token')
  assert.equal(headerOf(token)['typ'], 'logout+jwt')
  const claims = payloadOf(token)
  assert.ok('http://schemas.openid.net/event/backchannel-logout' in (claims['events'] as object))
  assert.equal(claims['nonce'], undefined)
  assert.equal(claims['sub'], 'alice')
  assert.ok(Number(claims['exp']) - Number(claims['iat']) <= 120)
  assert.ok(claims['sid'] === undefined || claims['sid'] === payloadOf(body['id_token'])['sid'])
})

test('A17: a session is bound to its browser: cookie HttpOnly, SameSite, signed; the step belongs to one browser', async () => {
  const one = await createTestClient(running)
  const response = await one.browser.request(one.url())
  const step = response.headers.get('location') ?? ''
  assert.match(step, /\/auth\/interaction\//)
  const elsewhere = new Browser(running.origin)
  const foreign = await elsewhere.request(step)
  assert.equal(foreign.status, 503, 'the test pages let InteractionLost through')
  const uid = step.split('/').at(-1) ?? ''
  const forged = await fetch(running.origin + step, {
    headers: { cookie: `sallyport-step=${uid}` },
    redirect: 'manual',
  })
  assert.notEqual(forged.status, 303)
  const [cookie = ''] = response.headers.getSetCookie().filter((line) => /^sallyport-step=/.test(line))
  const [signature = ''] = response.headers
    .getSetCookie()
    .filter((line) => /^sallyport-step\.sig=/.test(line))
  const jar = [cookie, signature].map((line) => line.split(';')[0]).join('; ')
  const path = (uid: string): string => `${running.issuer}/interaction/${uid}`
  const another = await fetch(path('x'.repeat(43)), { headers: { cookie: jar }, redirect: 'manual' })
  assert.notEqual(another.status, 303, 'the cookie of one interaction opens another')
  const own = await fetch(path(uid), { headers: { cookie: jar }, redirect: 'manual' })
  assert.equal(own.status, 303)
  await one.browser.visit(one.url())
  for (const line of one.browser.setCookies) {
    assert.match(line, /httponly/i)
    assert.match(line, /samesite=lax/i)
  }
})
