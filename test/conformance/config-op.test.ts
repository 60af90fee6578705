import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { calculateJwkThumbprint, importJWK } from 'jose'
import { type RunningOp, startOp } from '../support/running-op.ts'
import { portModule } from './port-module.ts'

let op: RunningOp
before(async () => {
  op = await startOp()
})
after(() => op.close())

portModule('oidcc-discovery-endpoint-verification', async () => {
  const place = `${op.issuer}/.well-known/openid-configuration`
  const answer = await op.fetch(place)
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json\b/)
  const found = (await answer.json()) as Record<string, unknown>
  const list = (name: string): readonly unknown[] => {
    const value = found[name]
    assert.ok(Array.isArray(value) && value.length > 0, `${name} is a list`)
    return value
  }

  assert.ok(list('response_types_supported').includes('code'))
  assert.equal(found['issuer'], op.issuer)
  const issuer = new URL(op.issuer)
  assert.equal(issuer.protocol, 'https:')
  assert.equal(issuer.search + issuer.hash, '')
  for (const type of list('subject_types_supported')) assert.match(String(type), /^(public|pairwise)$/)
  assert.ok(list('id_token_signing_alg_values_supported').includes('RS256'))
  if (found['userinfo_signing_alg_values_supported'] !== undefined)
    for (const one of list('userinfo_signing_alg_values_supported')) assert.match(String(one), /^[\w-]+$/)

  // Every endpoint, also those that OpenID Connect does not define.
  const endpoints = Object.entries(found).filter(([name]) => /_(endpoint|uri)$/.test(name))
  for (const name of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri'])
    assert.ok(
      endpoints.some(([one]) => one === name),
      name,
    )
  for (const [name, value] of endpoints) assert.equal(URL.parse(String(value))?.protocol, 'https:', name)
  assert.equal(found['registration_endpoint'], undefined, 'clients are registered by an operator')

  await checkKeys(String(found['jwks_uri']))

  for (const name of ['request_parameter_supported', 'request_uri_parameter_supported'])
    assert.ok([undefined, true, false].includes(found[name] as boolean | undefined), name)
  assert.equal(found['claims_parameter_supported'], true)
  assert.ok(list('claims_supported').includes('sub'))
  assert.ok(list('grant_types_supported').includes('authorization_code'))
  assert.ok(list('scopes_supported').includes('openid'))
  for (const scope of list('scopes_supported')) assert.match(String(scope), /^[\x21\x23-\x5b\x5d-\x7e]+$/)
  for (const name of ['ui_locales_supported', 'claims_locales_supported'])
    if (found[name] !== undefined)
      for (const locale of list(name))
        assert.equal(Intl.getCanonicalLocales(String(locale))[0], locale, 'a language tag in its usual form')
  assert.ok(list('code_challenge_methods_supported').includes('S256'))
  return undefined
})

/** Keys with an id each, public ones alone, that can be imported. */
async function checkKeys(uri: string): Promise<void> {
  const { keys } = (await (await op.fetch(uri)).json()) as { keys: Record<string, string>[] }
  assert.ok(keys.length >= 2)
  assert.equal(new Set(keys.map(({ kid }) => kid)).size, keys.length, 'every key has an id of its own')
  for (const key of keys) {
    assert.ok(key['kid'])
    assert.match(key['kty'] ?? '', /^(RSA|EC|OKP)$/)
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) assert.ok(!(secret in key), secret)
    for (const name of ['n', 'e', 'x', 'y'])
      assert.match(key[name] ?? 'AA', /^[\w-]+$/, 'base64url, no padding')
    await importJWK(key, key['alg'] ?? 'RS256')
    await calculateJwkThumbprint(key)
  }
  assert.ok(keys.some(({ kty }) => kty === 'RSA'))
}
