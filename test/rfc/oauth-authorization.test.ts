import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isRedirectUri } from '../../src/authority/redirect-uri.ts'
import { type RunningAuthority, startAuthority } from '../support/authority.ts'
import { callback, challengeOf, createTestClient, headerOf, type TestClient } from '../support/oauth.ts'

let running: RunningAuthority
let client: TestClient

before(async () => {
  running = await startAuthority()
  client = await createTestClient(running)
})
after(() => running.close())

async function metadata(): Promise<Record<string, unknown>> {
  return (await (await fetch(`${running.issuer}/.well-known/openid-configuration`)).json()) as Record<
    string,
    unknown
  >
}

test('A01: no implicit, no password grant, neither in answers nor in metadata', async () => {
  for (const responseType of ['token', 'code token', 'id_token', 'code id_token', 'none']) {
    const found = await client.authorize({ response_type: responseType, nonce: 'n' }).catch(async () => {
      const page = await client.page({ response_type: responseType, nonce: 'n' })
      return new URLSearchParams({ error: JSON.parse(page.text).error })
    })
    assert.match(
      found.get('error') ?? '',
      /^(unsupported_response_type|unauthorized_client|invalid_request)$/,
      responseType,
    )
    assert.equal(found.get('access_token'), null)
  }
  for (const grant of ['password', 'implicit', 'urn:ietf:params:oauth:grant-type:jwt-bearer']) {
    const { status, body } = await client.post('/token', {
      grant_type: grant,
      username: 'alice',
      password: 'x',
    })
    assert.equal(status, 400)
    assert.equal(body['error'], 'unsupported_grant_type')
  }
  const found = await metadata()
  assert.deepEqual(found['response_types_supported'], ['code'])
  assert.ok(!(found['grant_types_supported'] as string[]).some((one) => /password|implicit/.test(one)))
})

test('A02: a code is asked for with PKCE S256, or refused', async () => {
  for (const params of [
    { code_challenge: undefined, code_challenge_method: undefined },
    { code_challenge_method: undefined },
    { code_challenge_method: 'plain' },
    { code_challenge: undefined },
    { code_challenge: 'short' },
  ]) {
    const found = await client.authorize(params)
    assert.equal(found.get('error'), 'invalid_request', JSON.stringify(params))
    assert.equal(found.get('code'), null)
  }
})

test('A02: the exemption for certification is for the named client alone', async () => {
  const exempt = await createTestClient(running, { profile: 'oidc-basic-conformance' })
  const code = await exempt.code({ code_challenge: undefined, code_challenge_method: undefined })
  assert.equal((await exempt.redeem(code, { code_verifier: undefined })).status, 200)
})

test('a client for certification gets RS256 ID tokens unless it names another algorithm', async () => {
  for (const [idTokenAlgorithm, alg] of [
    [undefined, 'RS256'],
    ['ES256', 'ES256'],
  ] as const) {
    const exempt = await createTestClient(running, {
      profile: 'oidc-basic-conformance',
      ...(idTokenAlgorithm !== undefined && { idTokenAlgorithm }),
    })
    const { body } = await exempt.redeem(await exempt.code())
    assert.equal(headerOf(body['id_token'])['alg'], alg)
  }
})

test('A03: missing, wrong, short, illegal verifier; a verifier without a challenge', async () => {
  for (const verifier of [
    undefined,
    'x'.repeat(43),
    'short',
    `${'a'.repeat(43)}!`,
    'a'.repeat(129),
    challengeOf(client.verifier),
  ]) {
    const { status, body } = await client.redeem(await client.code(), { code_verifier: verifier })
    assert.equal(status, 400)
    assert.equal(body['error'], 'invalid_grant', String(verifier))
  }
  const exempt = await createTestClient(running, { profile: 'oidc-basic-conformance' })
  const code = await exempt.code({ code_challenge: undefined, code_challenge_method: undefined })
  const { status, body } = await exempt.redeem(code)
  assert.equal(status, 400)
  assert.equal(body['error'], 'invalid_grant')
})

test('A04: the redirect URI is compared as it stands; what is not registered gets a page here, never a redirect', async () => {
  const mutants = [
    'https://APP.travel.example/callback',
    'https://app.travel.example/Callback',
    'https://app.travel.example/callback/',
    'https://app.travel.example/callback?x=1',
    'https://app.travel.example/callback#x',
    'https://app.travel.example/callback%2e',
    'https://app.travel.example/%63allback',
    'https://app.travel.example/x/../callback',
    'https://app.travel.example//callback',
    'https://app.travel.example:443/callback',
    'https://app.travel.example:8443/callback',
    'https://evil@app.travel.example/callback',
    'https://app.travel.example@evil.example/callback',
    'https://app.travel.example.evil.example/callback',
    'https://evil.app.travel.example/callback',
    'http://app.travel.example/callback',
    'https://app.travel.example\\@evil.example/callback',
    'https://localhost/callback',
    'javascript:alert(1)',
    ' https://app.travel.example/callback',
    'https://app.travel.example/callback ',
  ]
  for (const redirect of mutants) {
    const { status, text } = await client.page({ redirect_uri: redirect })
    assert.equal(status, 400, redirect)
    assert.match(text, /"error":"invalid_(redirect_uri|request)"/, redirect)
  }
})

test('A04: only the port of a loopback address may vary', async () => {
  const native = await createTestClient(running, {
    redirectUris: ['http://127.0.0.1/callback', 'http://[::1]:1/callback'],
  })
  for (const redirect of ['http://127.0.0.1:51004/callback', 'http://[::1]:9/callback'])
    assert.ok((await native.authorize({ redirect_uri: redirect })).get('code'), redirect)
  for (const redirect of [
    'http://localhost:51004/callback',
    'http://127.0.0.1:51004/callback2',
    'http://127.0.0.2:51004/callback',
    'https://127.0.0.1:51004/callback',
    'http://x@127.0.0.1:51004/callback',
    'http://127.0.0.1:51004/callback?x',
  ])
    assert.equal((await native.page({ redirect_uri: redirect })).status, 400, redirect)
})

test('A05: what may be registered', async () => {
  for (const uri of [
    'https://a.example/cb',
    'https://a.example/cb?x=1',
    'http://127.0.0.1/cb',
    'http://[::1]:4/cb',
    'com.example.app:/cb',
  ])
    assert.ok(isRedirectUri(uri), uri)
  const refused = [
    'https://a.example/cb#f',
    'https://a.example/cb#',
    'http://a.example/cb',
    'http://localhost/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://127.1/cb',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://*.example/cb',
    'https://a.example/*',
    'app:/cb',
    'https://u@a.example/cb',
    'https://@a.example/cb',
    'https://a.example\\cb',
    'https://a.example/../cb',
    'https://a.example/%2e%2e/cb',
    'https://A.example/cb',
    'https://a.example./cb',
    'file:///etc/passwd',
    '/cb',
    'https://a.example/c b',
    'https://ä.example/cb',
  ]
  for (const uri of refused) {
    assert.ok(!isRedirectUri(uri), uri)
    assert.ok(!isRedirectUri(uri, true) || /^http:\/\/localhost(?::\d+)?\//.test(uri), uri)
    await assert.rejects(running.register({ redirectUris: [uri] }), uri)
  }
})

test('A14: no CORS at the authorization endpoint; the redirect is 303', async () => {
  const response = await client.browser.request(client.url(), {
    headers: { origin: 'https://app.travel.example' },
  })
  assert.equal(response.status, 303)
  for (const [name] of response.headers) assert.ok(!name.startsWith('access-control-'), name)
})

test('A15: `iss` is in answers and errors, and announced', async () => {
  assert.equal((await client.authorize()).get('iss'), running.issuer)
  assert.equal((await client.authorize({ code_challenge_method: 'plain' })).get('iss'), running.issuer)
  assert.equal((await metadata())['authorization_response_iss_parameter_supported'], true)
})

test('A16: `state` comes back as it was; hostile values are escaped or refused', async () => {
  for (const state of [
    'plain',
    ' space ',
    'ü€😀',
    '<script>alert(1)</script>',
    '"\'&=?#%',
    'a\r\nSet-Cookie: x=1',
    'x'.repeat(2_000),
  ])
    assert.equal((await client.authorize({ state })).get('state'), state)
  for (const params of [
    { scope: 'openid <script>' },
    { scope: 'openid "x"' },
    { scope: 'openid a\r\nb' },
    { login_hint: '<script>alert(1)</script>' },
    { ui_locales: '"><script>' },
  ]) {
    const response = await client.browser.request(
      client.url({ ...params, redirect_uri: 'https://evil.example/' }),
    )
    const text = await response.text()
    assert.equal(response.status, 400)
    assert.ok(!text.includes('<script>'), text)
  }
})

test('A18: nothing sends a browser to where it was not registered', async () => {
  for (const params of [
    { client_id: 'nobody' },
    { client_id: undefined },
    { redirect_uri: undefined },
    { redirect_uri: 'https://evil.example/', prompt: 'none' },
  ])
    assert.equal((await client.page(params)).status, 400)
  const logout = await client.browser.request(
    `${running.issuer}/logout?client_id=${client.id}&post_logout_redirect_uri=${encodeURIComponent('https://evil.example/')}`,
  )
  assert.equal(logout.status, 400)
  assert.equal(logout.headers.get('location'), null)
  const unnamed = await client.browser.visit(
    `${running.issuer}/logout?post_logout_redirect_uri=${encodeURIComponent('https://evil.example/')}&rd=https://evil.example/&next=https://evil.example/`,
  )
  assert.equal(unnamed.away, undefined)
})

test('A20: remote and inline request objects are not taken; nothing is fetched', async () => {
  const remote = await client
    .authorize({ request_uri: 'http://169.254.169.254/latest' })
    .catch(() => undefined)
  if (remote !== undefined)
    assert.match(remote.get('error') ?? '', /request_uri_not_supported|invalid_request_uri/)
  else assert.equal((await client.page({ request_uri: 'http://169.254.169.254/latest' })).status, 400)
  const inline = await client.authorize({ request: 'e30.e30.' })
  assert.equal(inline.get('error'), 'request_not_supported')
  await assert.rejects(
    running.register({
      grants: ['client'],
      authentication: 'private_key_jwt',
      jwksUri: 'http://127.0.0.1/jwks',
    }),
  )
})

test('A25: metadata in both forms, https shape, every endpoint there', async () => {
  const found = await metadata()
  assert.equal(found['issuer'], running.issuer)
  for (const [name, url] of Object.entries(found)) {
    if (!name.endsWith('_endpoint') && name !== 'jwks_uri') continue
    assert.ok(String(url).startsWith(`${running.issuer}/`), name)
    const probe = await fetch(String(url), { redirect: 'manual' })
    assert.notEqual(probe.status, 404, name)
  }
  for (const name of [
    'pushed_authorization_request_endpoint',
    'device_authorization_endpoint',
    'introspection_endpoint',
    'revocation_endpoint',
    'end_session_endpoint',
  ])
    assert.ok(name in found, name)
})

test('A26: there is no dynamic registration', async () => {
  assert.equal((await metadata())['registration_endpoint'], undefined)
  for (const path of ['/reg', '/register']) assert.equal((await client.post(path, {})).status, 404)
})

test('A29: an unverified client is asked for each time, a widening too; what was granted can be taken back', async () => {
  const { interactions } = running.authority
  let asked: string[] = []
  running.authority.usePages({
    async handle(request, response) {
      const view = await interactions.details(request, response)
      asked.push(
        `${view.step}:${view.scopes
          .filter((one) => one.asked)
          .map((one) => one.name)
          .join(' ')}`,
      )
      assert.ok(view.lifetime.accessToken > 0 && view.client.id !== '')
      if (view.step === 'login') await interactions.finishLogin(request, response, running.user)
      else await interactions.finishConsent(request, response)
      return true
    },
    render: (page) => ({ html: JSON.stringify(page) }),
  })
  const verified = await createTestClient(running)
  await verified.authorize()
  assert.deepEqual(
    asked.map((one) => one.split(':')[0]),
    ['login', 'consent'],
  )
  asked = []
  await verified.authorize()
  assert.deepEqual(asked, [])
  await verified.authorize({ scope: 'openid profile:read calendar:read' })
  assert.deepEqual(asked, ['consent:calendar:read'])
  const stranger = await createTestClient(running, { verified: false })
  await stranger.authorize()
  asked = []
  await stranger.authorize()
  assert.equal(asked.length, 1)
  const grants = await interactions.grants('alice')
  const grant = grants.find((one) => one.client.id === verified.id)
  assert.ok(grant)
  const tokens = (await verified.redeem(await verified.code())).body
  assert.equal(await interactions.revokeGrant('bob', grant.id), false)
  assert.equal(await interactions.revokeGrant('alice', grant.id), true)
  assert.equal((await verified.refresh(tokens['refresh_token'])).body['error'], 'invalid_grant')
  assert.ok(
    running.revoked.some((one) => one.kind === 'token' && one.value === payloadJti(tokens['access_token'])),
  )
})

function payloadJti(token: unknown): unknown {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()).jti
}

test('scope that the client was not given is refused, also beside one that it has', async () => {
  const found = await client.authorize({ scope: 'openid profile:read bookings:write' })
  assert.equal(found.get('error'), 'invalid_scope')
  void callback
})

const urlencoded = 'application/x-www-form-urlencoded'

test('a request that is posted goes on by GET: nothing is read or set, nothing gets lost, nothing is added', async () => {
  const asked = new URL(client.url({ state: 'a\r\nX-Injected: 1&b', resource: undefined }))
  asked.searchParams.append('resource', 'https://one.example')
  asked.searchParams.append('resource', 'https://two.example')
  for (const path of ['/authorize', '/logout']) {
    const answer = await client.browser.request(running.issuer + path, {
      method: 'POST',
      headers: { 'content-type': urlencoded, origin: 'https://app.travel.example' },
      body: asked.search.slice(1),
    })
    assert.equal(answer.status, 303)
    assert.deepEqual(answer.headers.getSetCookie(), [])
    assert.equal(answer.headers.get('x-injected'), null)
    const location = new URL(answer.headers.get('location') ?? '', running.origin)
    assert.equal(location.origin + location.pathname, running.issuer + path)
    assert.deepEqual([...location.searchParams], [...asked.searchParams])
  }
  const { away } = await client.browser.visit(`${running.issuer}/authorize`, {
    method: 'POST',
    headers: { 'content-type': urlencoded },
    body: new URL(client.url()).search.slice(1),
  })
  assert.ok(away?.searchParams.get('code'))
})

test('a posted request that is no form, is cut up or too long is refused here', async () => {
  const post = async (body: string, type = urlencoded, query = ''): Promise<number> =>
    (
      await fetch(`${running.issuer}/authorize${query}`, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': type },
        body,
      })
    ).status
  assert.equal(await post('{}', 'application/json'), 415)
  assert.equal(await post('client_id=a', 'multipart/form-data; boundary=x'), 415)
  assert.equal(await post('client_id=%zz'), 400)
  assert.equal(await post('client_id=a', urlencoded, '?client_id=b'), 400)
  assert.equal(await post(`state=${'a'.repeat(8_000)}`), 413)
  assert.equal(await post(`state=${'a'.repeat(20_000)}`), 413)
  assert.deepEqual(running.events, [])
})
