import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { api, type RunningAuthority, startAuthority } from '../support/authority.ts'
import { Browser } from '../support/browser.ts'
import { payloadOf } from '../support/oauth.ts'

const redirectUri = 'https://app.travel.example/callback'
let running: RunningAuthority

before(async () => {
  running = await startAuthority({ dpopNonceRequired: true })
})
after(() => running.close())

const web = { redirectUris: [redirectUri], scopes: ['profile:read', 'calendar:read'], verified: true }

async function discover(id: string, authentication?: oidc.ClientAuth): Promise<oidc.Configuration> {
  return oidc.discovery(new URL(running.issuer), id, undefined, authentication, {
    execute: [oidc.allowInsecureRequests],
  })
}

async function challenge(scope: string) {
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const parameters = {
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }
  return { parameters, checks: { pkceCodeVerifier: verifier, expectedState: state } }
}

async function walk(url: URL): Promise<URL> {
  const { away, page } = await new Browser(running.origin).visit(url.href)
  if (away === undefined) assert.fail(`the browser stayed: ${page.status}`)
  return away
}

test('openid-client: code with PKCE, ID token, access token for the API, refresh, userinfo', async () => {
  const { id, secret } = await running.register(web)
  const config = await discover(id, oidc.ClientSecretBasic(secret))
  const { parameters, checks } = await challenge('openid email profile:read calendar:read')
  const tokens = await oidc.authorizationCodeGrant(
    config,
    await walk(oidc.buildAuthorizationUrl(config, parameters)),
    checks,
  )
  assert.equal(tokens.claims()?.sub, 'alice')
  assert.equal(tokens.expires_in, 600)
  const claims = payloadOf(tokens.access_token)
  assert.equal(claims['aud'], api)
  assert.equal(claims['scope'], 'profile:read calendar:read')
  assert.deepEqual(claims['roles'], ['traveller'])
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')
  assert.notEqual(again.refresh_token, tokens.refresh_token)
  const plain = await challenge('openid email')
  const identity = await oidc.authorizationCodeGrant(
    config,
    await walk(oidc.buildAuthorizationUrl(config, plain.parameters)),
    plain.checks,
  )
  assert.equal(
    (await oidc.fetchUserInfo(config, identity.access_token, 'alice')).email,
    'alice@travel.example',
  )
})

test('openid-client: PAR with DPoP and its nonces', async () => {
  const { id, secret } = await running.register({ ...web, requirePar: true, dpopBound: true })
  const config = await discover(id, oidc.ClientSecretPost(secret))
  const post = await running.register({
    ...web,
    authentication: 'client_secret_post',
    requirePar: true,
    dpopBound: true,
  })
  const posting = await discover(post.id, oidc.ClientSecretPost(post.secret))
  assert.ok(config.serverMetadata().pushed_authorization_request_endpoint)
  const DPoP = oidc.getDPoPHandle(posting, await oidc.randomDPoPKeyPair())
  const { parameters, checks } = await challenge('openid profile:read')
  const url = await oidc.buildAuthorizationUrlWithPAR(posting, parameters, { DPoP })
  assert.ok(url.searchParams.has('request_uri'))
  const tokens = await oidc.authorizationCodeGrant(posting, await walk(url), checks, undefined, { DPoP })
  assert.equal(tokens.token_type, 'dpop')
  assert.ok((payloadOf(tokens.access_token)['cnf'] as { jkt?: string }).jkt)
  const again = await oidc.refreshTokenGrant(posting, tokens.refresh_token ?? '', undefined, { DPoP })
  assert.equal(again.token_type, 'dpop')
})

test('openid-client: device grant, approved in a browser', async () => {
  const { id } = await running.register({
    ...web,
    redirectUris: [],
    grants: ['device', 'refresh'],
    authentication: 'none',
  })
  const config = await discover(id, oidc.None())
  const started = await oidc.initiateDeviceAuthorization(config, { scope: 'openid profile:read' })
  assert.match(started.user_code, /^[A-Z]{4}-[A-Z]{4}$/)
  await assert.rejects(
    oidc.pollDeviceAuthorizationGrant(config, { ...started, interval: 0.05 }, undefined, {
      signal: AbortSignal.timeout(150),
    }),
  )
  const browser = new Browser(running.origin)
  const send = (url: string, form: Record<string, string>) =>
    browser.visit(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    })
  const page = async (response: Response) => (await response.json()) as Record<string, string>
  const asked = await page((await browser.visit(started.verification_uri)).page)
  assert.equal(asked['kind'], 'device-code')
  const wrong = await page(
    (await send(asked['action'] ?? '', { xsrf: asked['xsrf'] ?? '', user_code: 'BBBB-BBBB' })).page,
  )
  assert.equal(wrong['problem'], 'wrong')
  const shown = await page(
    (await send(asked['action'] ?? '', { xsrf: wrong['xsrf'] ?? '', user_code: started.user_code })).page,
  )
  assert.equal(shown['kind'], 'device-confirm')
  assert.equal(shown['address'], '127.0.0.1')
  const done = await page(
    (
      await send(shown['action'] ?? '', {
        xsrf: shown['xsrf'] ?? '',
        user_code: shown['userCode'] ?? '',
        confirm: 'yes',
      })
    ).page,
  )
  assert.equal(done['kind'], 'device-done')
  const tokens = await oidc.pollDeviceAuthorizationGrant(config, { ...started, interval: 0.05 })
  assert.equal(payloadOf(tokens.access_token)['sub'], 'alice')
  const next = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')
  assert.equal(next.token_type, 'bearer')
  // A second use of the code takes back what came of the first.
  await assert.rejects(oidc.pollDeviceAuthorizationGrant(config, { ...started, interval: 0.05 }), {
    error: 'invalid_grant',
  })
  await assert.rejects(oidc.refreshTokenGrant(config, next.refresh_token ?? ''), { error: 'invalid_grant' })
})

test('openid-client: private_key_jwt with the issuer as audience', async () => {
  const keys = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])) as {
    publicKey: CryptoKey
    privateKey: CryptoKey
  }
  const jwk = { ...(await crypto.subtle.exportKey('jwk', keys.publicKey)), kid: 'one' }
  const { id } = await running.register({
    grants: ['client'],
    authentication: 'private_key_jwt',
    scopes: ['profile:read'],
    jwks: { keys: [jwk as Record<string, unknown>] },
  })
  const config = await discover(id, oidc.PrivateKeyJwt({ key: keys.privateKey, kid: 'one' }))
  const tokens = await oidc.clientCredentialsGrant(config, { scope: 'profile:read' })
  assert.equal(payloadOf(tokens.access_token)['client_id'], id)
})

test('openid-client: token exchange, introspection, revocation', async () => {
  const { id, secret } = await running.register({
    grants: ['client', 'exchange'],
    scopes: ['profile:read'],
    audiences: [api],
  })
  const config = await discover(id, oidc.ClientSecretBasic(secret))
  const own = await oidc.clientCredentialsGrant(config, { scope: 'profile:read' })
  const exchanged = await oidc.genericGrantRequest(
    config,
    'urn:ietf:params:oauth:grant-type:token-exchange',
    {
      subject_token: own.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    },
  )
  assert.deepEqual(payloadOf(exchanged.access_token)['act'], { sub: id })
  assert.equal((await oidc.tokenIntrospection(config, exchanged.access_token)).active, true)
  await oidc.tokenRevocation(config, exchanged.access_token)
  assert.equal((await oidc.tokenIntrospection(config, exchanged.access_token)).active, false)
})

test('oauth4webapi: discovery, code with PKCE, DPoP with a nonce, refresh, client credentials', async () => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const issuer = new URL(running.issuer)
  for (const algorithm of ['oidc', 'oauth2'] as const)
    await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { algorithm, ...insecure }),
    )
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
  const { id, secret } = await running.register({ ...web, authentication: 'client_secret_post' })
  const client: oauth.Client = { client_id: id }
  const authentication = oauth.ClientSecretPost(secret)
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const url = new URL(as.authorization_endpoint ?? '')
  url.search = new URLSearchParams({
    client_id: id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'profile:read',
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString()
  const found = oauth.validateAuthResponse(as, client, await walk(url), state)
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
  const redeem = async () =>
    oauth.processAuthorizationCodeResponse(
      as,
      client,
      await oauth.authorizationCodeGrantRequest(as, client, authentication, found, redirectUri, verifier, {
        DPoP,
        ...insecure,
      }),
    )
  const tokens = await redeem().catch((error: unknown) => {
    assert.ok(oauth.isDPoPNonceError(error))
    return redeem()
  })
  assert.equal(tokens.token_type, 'dpop')
  const refreshed = await oauth.processRefreshTokenResponse(
    as,
    client,
    await oauth.refreshTokenGrantRequest(as, client, authentication, tokens.refresh_token ?? '', {
      DPoP,
      ...insecure,
    }),
  )
  assert.equal(refreshed.token_type, 'dpop')
  const robot = await running.register({
    grants: ['client'],
    authentication: 'client_secret_post',
    scopes: ['profile:read'],
  })
  const machine: oauth.Client = { client_id: robot.id }
  const own = await oauth.processClientCredentialsResponse(
    as,
    machine,
    await oauth.clientCredentialsGrantRequest(
      as,
      machine,
      oauth.ClientSecretPost(robot.secret),
      { scope: 'profile:read' },
      insecure,
    ),
  )
  assert.equal(own.scope, 'profile:read')
})
