import assert from 'node:assert/strict'
import { createHmac, createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { type CaseRow, readCases } from '../cases.ts'
import { base64url, createSigner, goodClaims, issuerOf, openGate, outcomeOf } from '../rfc/token-fixture.ts'

const signer = await createSigner('RS256')
const attacker = await createSigner('RS256', 'attacker')
const good = signer.token()
const [goodHeader = '', goodPayload = '', goodSignature = ''] = good.split('.')
const pem = createPublicKey({ key: signer.jwk as never, format: 'jwk' }).export({
  type: 'spki',
  format: 'pem',
})

function hmacToken(secret: string, header: Record<string, unknown> = {}): string {
  const input = `${base64url(JSON.stringify({ alg: 'HS256', typ: 'JWT', ...header }))}.${goodPayload}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

function unsigned(alg: string): string[] {
  const input = `${base64url(JSON.stringify({ alg, typ: 'JWT' }))}.${goodPayload}`
  return [`${input}.`, input, `${input}.${goodSignature}`]
}

/** Each claim changed in turn, the old signature kept. */
function tampered(): string[] {
  return Object.keys(goodClaims()).map((name) => {
    const claims = {
      ...(JSON.parse(Buffer.from(goodPayload, 'base64url').toString()) as object),
      [name]: 'x',
    }
    return `${goodHeader}.${base64url(JSON.stringify(claims))}.${goodSignature}`
  })
}

const recipes: ReadonlyMap<string, () => readonly string[]> = new Map([
  ['jwt_blank_password', () => [hmacToken('')]],
  ['jwt_alg_none_lower', () => unsigned('none')],
  ['jwt_alg_none_upper', () => unsigned('NONE')],
  ['jwt_alg_none_title', () => unsigned('None')],
  ['jwt_alg_none_mixed', () => unsigned('nOnE')],
  ['jwt_null_signature', () => [`${goodHeader}.${goodPayload}.`]],
  ['jwt_no_token', () => ['null', 'undefined', 'None']],
  ['jwt_kid_path_traversal_devnull', () => [hmacToken('', { kid: '../../../../../../dev/null' })]],
  [
    'jwt_x5u_spoof',
    () => [attacker.token(undefined, { alg: 'RS256', kid: 'k1', x5u: 'https://evil.example/c.pem' })],
  ],
  ['jwt_claim_processing_before_signature', tampered],
  ['jwt_rsa_key_confusion', () => [hmacToken(String(pem)), hmacToken(String(pem).trim())]],
  [
    'jwt_inline_jwks',
    () => [
      attacker.token(undefined, { alg: 'RS256', kid: 'attacker', jwk: attacker.jwk }),
      attacker.token(undefined, { alg: 'RS256', kid: 'k1', jwk: { ...attacker.jwk, kid: 'k1' } }),
    ],
  ],
])

test('attacks that jwt_tool builds are refused, each with 401', async (t) => {
  const rows = readCases<CaseRow>(t, 'jose/jwt_tool_attack_list')
  const gate = openGate([issuerOf([signer])])
  assert.equal(outcomeOf(await gate.bearer(good)), '123')
  let tokens = 0
  for (const row of rows) {
    const build = recipes.get(row.category)
    assert.ok(build !== undefined, `no recipe for ${row.category}`)
    for (const token of build()) {
      tokens++
      assert.equal(outcomeOf(await gate.bearer(token)), 'IDENTIFY_TOKEN_INVALID', row.category)
    }
  }
  t.diagnostic(`${rows.length} attacks, ${tokens} tokens`)
})
