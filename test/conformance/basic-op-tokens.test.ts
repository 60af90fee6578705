import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { decodeProtectedHeader } from 'jose'
import { checkErrorAtClient } from './checks.ts'
import { happyFlow, shownIn } from './happy-flow.ts'
import { portModule } from './port-module.ts'
import { ask, callUserInfo, codeOf, type Suite, startSuite, travel } from './suite.ts'

let suite: Suite
before(async () => {
  suite = await startSuite()
})
after(() => suite.close())

portModule('oidcc-server', async () => {
  const { code, tokens, journey } = await happyFlow(suite)
  assert.equal(shownIn(journey)[0], 'login')
  assert.match(code, /^[\x21-\x7e]{22,}$/)
  assert.ok(entropyOf(code) >= 96, 'a code nobody guesses')
  assert.equal(tokens.claims['name'], undefined, 'claims of UserInfo stay there')
  return undefined
})

portModule('oidcc-server-client-secret-post', async () => {
  assert.ok(
    (suite.metadata['token_endpoint_auth_methods_supported'] as string[]).includes('client_secret_post'),
  )
  await happyFlow(suite, {}, { client: suite.postClient })
  return undefined
})

portModule('oidcc-response-type-missing', async () => {
  const asked = ask(suite, { response_type: undefined })
  const { away, pages } = await travel(suite, asked)
  if (away === undefined) assert.match(pages.at(-1)?.html ?? '', /response_type/)
  else assert.match(checkErrorAtClient(suite, asked, away), /^(invalid_request|unsupported_response_type)$/)
  return undefined
})

portModule('oidcc-idtoken-signature', async () => {
  const { tokens } = await happyFlow(suite)
  const { alg, kid } = decodeProtectedHeader(tokens.idToken)
  assert.equal(alg, 'RS256')
  assert.ok(kid)
  return undefined
})

portModule('oidcc-idtoken-unsigned', async () => {
  const offered = suite.metadata['id_token_signing_alg_values_supported'] as string[]
  assert.ok(!offered.includes('none'))
  await assert.rejects(
    suite.op.register('unsigned', '--redirect-uri', 'https://suite.example/', '--id-token-alg', 'none'),
    /ES256, RS256/,
  )
  return { result: 'skipped', why: 'the server offers no `none`, and no client can be registered for it' }
})

portModule('oidcc-ensure-request-without-nonce-succeeds-for-code-flow', async () => {
  const asked = ask(suite, { nonce: undefined })
  codeOf(suite, asked, await travel(suite, asked))
  return undefined
})

portModule('oidcc-userinfo-get', () => userInfoBy('get'))
portModule('oidcc-userinfo-post-header', () => userInfoBy('post-header'))
portModule('oidcc-userinfo-post-body', () => userInfoBy('post-body'))

async function userInfoBy(how: 'get' | 'post-header' | 'post-body'): Promise<undefined> {
  const { tokens } = await happyFlow(suite)
  const { status, headers, body } = await callUserInfo(suite, tokens.accessToken, how)
  assert.equal(status, 200, JSON.stringify(body))
  assert.match(headers.get('content-type') ?? '', /^application\/json\b/)
  assert.equal(body['sub'], tokens.claims.sub)
  return undefined
}

/** Bits of a text whose characters are as likely as they are in it (Shannon). */
function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= count * Math.log2(count / text.length)
  return bits
}
