import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, mock } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Journey } from '../support/user-agent.ts'
import { checkTokenError, checkTokens } from './checks.ts'
import { happyFlow, shownIn } from './happy-flow.ts'
import { portModule, type Remark } from './port-module.ts'
import {
  type Asked,
  ask,
  callback,
  callTokenEndpoint,
  callUserInfo,
  redeem,
  type Suite,
  startSuite,
  travel,
} from './suite.ts'

let suite: Suite
before(async () => {
  suite = await startSuite()
})
after(() => suite.close())

portModule('oidcc-ensure-post-request-succeeds', async () => {
  const { journey } = await happyFlow(suite, {}, { method: 'POST' })
  assert.equal(shownIn(journey)[0], 'login')
  return undefined
})

portModule('oidcc-ensure-request-with-valid-pkce-succeeds', async () => {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const asked = { code_challenge: challenge, code_challenge_method: 'S256' }
  await happyFlow(suite, asked, { redeem: { code_verifier: verifier } })
  return undefined
})

portModule('oidcc-ensure-registered-redirect-uri', async () => {
  const asked = ask(suite, { redirect_uri: `${callback}/${randomBytes(8).toString('hex')}` })
  const { away, pages } = await travel(suite, asked)
  assert.equal(away, undefined, 'the browser goes nowhere')
  assert.equal(pages.at(-1)?.status, 400)
  assert.match(pages.at(-1)?.html ?? '', /redirect_uri/, 'the page says what is wrong')
  return undefined
})

portModule('oidcc-codereuse', async () => {
  const { asked, code } = await happyFlow(suite)
  checkTokenError(await redeem(suite, asked, code), 'invalid_grant')
  return undefined
})

portModule('oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported', () =>
  requestObject((asked) => ({ request: unsigned(asked.params) })),
)

portModule('oidcc-ensure-request-object-with-redirect-uri', async () => {
  const { away, pages } = await withRequestObject((asked) => ({
    request: unsigned(asked.params),
    redirect_uri: `${callback}/other`,
  }))
  // Not even to the one URI that is registered: the request named another.
  assert.equal(away, undefined, 'the browser goes nowhere')
  const page = pages.at(-1)
  assert.equal(page?.status, 400)
  assert.match(page?.html ?? '', /invalid_redirect_uri/, 'the page says what is wrong')
  return undefined
})

portModule('oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported', () =>
  requestObject(() => ({ request_uri: 'https://suite.example/test/a/sallyport/request' })),
)

portModule('oidcc-refresh-token', async () => {
  assert.ok((suite.metadata['grant_types_supported'] as string[]).includes('refresh_token'))
  const first = await refreshed({ scope: 'openid' })
  const second = await refreshed({}, suite.secondClient)
  assert.notEqual(first, second)
  const form = { grant_type: 'refresh_token', refresh_token: second }
  checkTokenError(await callTokenEndpoint(suite, suite.client, form), 'invalid_grant')
  return undefined
})

// The last one: time goes thirty seconds ahead, for server and suite alike, and stays there.
portModule('oidcc-codereuse-30seconds', async () => {
  const { asked, code, tokens } = await happyFlow(suite)
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 30_000 })
  checkTokenError(await redeem(suite, asked, code), 'invalid_grant')
  const { status, headers } = await callUserInfo(suite, tokens.accessToken)
  assert.equal(status, 401, 'the token of the first use has ended')
  assert.match(headers.get('www-authenticate') ?? '', /invalid_token/)
  return undefined
})

/** Gets tokens and refreshes them with every check of the module; the newest refresh token. */
async function refreshed(form: Readonly<Record<string, string>>, client = suite.client): Promise<string> {
  const { asked, tokens } = await happyFlow(suite, {}, { client })
  assert.match(tokens.refreshToken ?? '', /^[\x20-\x7e]{22,}$/)
  // So that `iat` can be another.
  await wait(1_100)
  const answer = await callTokenEndpoint(suite, client, {
    grant_type: 'refresh_token',
    refresh_token: tokens.refreshToken ?? '',
    ...form,
  })
  const after = await checkTokens(suite, asked, answer)
  assert.notEqual(after.accessToken, tokens.accessToken)
  for (const name of ['iss', 'sub', 'aud', 'azp', 'auth_time'])
    assert.deepEqual(after.claims[name], tokens.claims[name], name)
  assert.notEqual(after.claims.iat, tokens.claims.iat)
  assert.equal((await callUserInfo(suite, after.accessToken)).status, 200)
  return after.refreshToken ?? tokens.refreshToken ?? ''
}

async function requestObject(add: (asked: Asked) => Readonly<Record<string, string>>): Promise<Remark> {
  const { asked, away } = await withRequestObject(add)
  const error = away?.searchParams.get('error')
  assert.equal(away?.searchParams.get('code'), null)
  assert.equal(error, 'request_uri' in add(asked) ? 'request_uri_not_supported' : 'request_not_supported')
  return { result: 'skipped', why: `the server takes no request objects and says \`${error}\`` }
}

/** Sends a request with what is added to it; only what OAuth 2.0 asks for stays beside it. */
async function withRequestObject(
  add: (asked: Asked) => Readonly<Record<string, string>>,
): Promise<Journey & { readonly asked: Asked }> {
  const asked = ask(suite)
  const { state: _state, nonce: _nonce, ...kept } = asked.params
  const url = new URL(asked.url)
  url.search = new URLSearchParams({ ...kept, ...add(asked) }).toString()
  return { ...(await travel(suite, { ...asked, url })), asked }
}

/** An unsigned JWT (RFC 7519 section 6) of the request. */
function unsigned(params: Readonly<Record<string, string>>): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part(params)}.`
}
