import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenied } from '../../src/kernel/verdict.ts'
import { challengeOf, createSigner, issuerOf, openGate, outcomeOf } from './token-fixture.ts'

const signer = await createSigner('ES256')
const token = signer.token()
const gate = openGate([issuerOf([signer])])
const query = [{ name: 'access_token', value: token }]

test('R01: no credential: 401 with a plain challenge and no error code', async () => {
  const result = await gate.present(undefined)
  assert.equal(outcomeOf(result), 'IDENTIFY_REQUIRED')
  assert.equal(challengeOf(result), 'Bearer')
})

test('R02: challenges name the error and stay inside the allowed characters', async () => {
  const rows: [string | undefined, string, string][] = [
    ['Bearer xx', 'IDENTIFY_TOKEN_INVALID', 'Bearer error="invalid_token"'],
    ['Bearer', 'IDENTIFY_MALFORMED', 'Bearer error="invalid_request"'],
    ['Bearer "\\\u00e9\u0001', 'IDENTIFY_TOKEN_INVALID', 'Bearer error="invalid_token"'],
  ]
  for (const [field, code, challenge] of rows) {
    const result = await gate.present(field)
    assert.equal(outcomeOf(result), code)
    assert.equal(challengeOf(result), challenge)
  }
})

test('R03: ?access_token= is never a credential; two places are refused', async () => {
  assert.equal(outcomeOf(await gate.present(undefined, { pairs: query })), 'IDENTIFY_REQUIRED')
  assert.equal(outcomeOf(await gate.present(`Bearer ${token}`, { pairs: query })), 'IDENTIFY_MALFORMED')
  assert.equal(outcomeOf(await gate.present([`Bearer ${token}`, `Bearer ${token}`])), 'IDENTIFY_MALFORMED')
  assert.equal(outcomeOf(await gate.present([`Bearer ${token}`, 'Basic YTpi'])), 'IDENTIFY_MALFORMED')
})

test('R04: the scheme compares without case, the rest is exact', async () => {
  for (const field of [`Bearer ${token}`, `bearer ${token}`, `BEARER ${token}`, `bEaReR   ${token}`])
    assert.equal(outcomeOf(await gate.present(field)), '123', field.slice(0, 10))
  const rows: [string, string][] = [
    ['', 'IDENTIFY_MALFORMED'],
    ['Bearer', 'IDENTIFY_MALFORMED'],
    ['Bearer ', 'IDENTIFY_MALFORMED'],
    [`Bearer,${token}`, 'IDENTIFY_MALFORMED'],
    [` Bearer ${token}`, 'IDENTIFY_MALFORMED'],
    ['Bearer a b', 'IDENTIFY_TOKEN_INVALID'],
    [`Bearer ${token} ${token}`, 'IDENTIFY_TOKEN_INVALID'],
    [`Bearer ${token},`, 'IDENTIFY_TOKEN_INVALID'],
    [`Bearer ${token} `, 'IDENTIFY_TOKEN_INVALID'],
    [`Bearer\t${token}`, 'IDENTIFY_MALFORMED'],
    [`Bearer token="${token}"`, 'IDENTIFY_TOKEN_INVALID'],
    [`Bearer Bearer ${token}`, 'IDENTIFY_TOKEN_INVALID'],
    [token, 'IDENTIFY_REQUIRED'],
    [`Token ${token}`, 'IDENTIFY_REQUIRED'],
    [`DPoP ${token}`, 'IDENTIFY_REQUIRED'],
    ['Basic YTpi', 'IDENTIFY_REQUIRED'],
    [`Bearer${token}`, 'IDENTIFY_REQUIRED'],
  ]
  for (const [field, code] of rows)
    assert.equal(outcomeOf(await gate.present(field)), code, field.slice(0, 20))
})

test('R04: a credential that fails never becomes another scheme or an anonymous caller', async () => {
  const optional = openGate([issuerOf([signer])], { security: [[{ scheme: 'bearerAuth', scopes: [] }], []] })
  const nobody = await optional.present(undefined)
  assert.ok(!isDenied(nobody) && nobody.kind === 'none')
  assert.equal(outcomeOf(await optional.bearer(token)), '123')
  for (const field of ['Bearer xx', 'Bearer', 'Basic YTpi', '', `Bearer ${token}A`])
    assert.ok(isDenied(await optional.present(field)), field.slice(0, 20))
})

test('an operation whose scheme cannot be checked is closed, with and without a token', async () => {
  const scheme = { name: 'key', type: 'apiKey', in: 'header', field: 'x-api-key' } as const
  const closed = openGate([issuerOf([signer])], {
    schemes: [scheme],
    security: [[{ scheme: 'key', scopes: [] }]],
  })
  for (const field of [undefined, `Bearer ${token}`, 'Basic YTpi']) {
    const result = await closed.present(field)
    assert.equal(outcomeOf(result), 'IDENTIFY_REQUIRED')
    assert.equal(challengeOf(result), 'Bearer')
  }
  assert.deepEqual(
    closed.identify.findings.map((finding) => finding.rule),
    ['identify.scheme-unsupported'],
  )
})

test('an operation that the contract declares public asks for nothing and reads nothing', async () => {
  const open = openGate([issuerOf([signer])], { security: [] })
  for (const field of [undefined, 'Bearer xx', `Bearer ${token}`]) {
    const result = await open.present(field)
    assert.ok(!isDenied(result) && result.kind === 'none')
  }
})
