import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as oidc from 'openid-client'
import { api, type RunningAuthority, startAuthority } from '../support/authority.ts'
import { Browser } from '../support/browser.ts'

const redirectUri = 'https://app.travel.example/callback'
let running: RunningAuthority

before(async () => {
  running = await startAuthority()
})
after(() => running.close())

async function discover(
  id: string,
  authentication?: oidc.ClientAuth,
  metadata?: Partial<oidc.ClientMetadata>,
) {
  return oidc.discovery(new URL(running.issuer), id, metadata, authentication, {
    execute: [oidc.allowInsecureRequests],
  })
}

async function signIn(config: oidc.Configuration, scope: string, more: Record<string, string> = {}) {
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  })
  const { away, page } = await new Browser(running.origin).visit(url.href)
  assert.ok(away, `no redirect: ${page.status} ${away === undefined ? await page.text() : ''}`)
  return { away, verifier, state }
}

test('openid-client: code with PKCE, ID token, access token for the API, refresh', async () => {
  const { id, secret } = await running.register({
    name: 'Travel app',
    redirectUris: [redirectUri],
    scopes: ['profile:read', 'calendar:read'],
    verified: true,
  })
  const config = await discover(id, oidc.ClientSecretBasic(secret))
  const { away, verifier, state } = await signIn(config, 'openid email profile:read calendar:read')
  const tokens = await oidc.authorizationCodeGrant(config, away, {
    pkceCodeVerifier: verifier,
    expectedState: state,
  })
  assert.equal(tokens.claims()?.sub, 'alice')
  assert.equal(tokens.expires_in, 600)
  const claims = JSON.parse(Buffer.from(tokens.access_token.split('.')[1] ?? '', 'base64url').toString())
  assert.equal(claims.aud, api)
  assert.equal(claims.scope, 'profile:read calendar:read')
  assert.deepEqual(claims.roles, ['traveller'])
  assert.ok(tokens.refresh_token)
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token)
  assert.notEqual(again.refresh_token, tokens.refresh_token)
})
