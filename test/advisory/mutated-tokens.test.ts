import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { importJWK, jwtVerify } from 'jose'
import { isDenied } from '../../src/kernel/verdict.ts'
import { audience, createSigner, goodClaims, issuerOf, issuerUrl, openGate } from '../rfc/token-fixture.ts'

const declared = new Set([
  'IDENTIFY_TOKEN_INVALID',
  'IDENTIFY_TOKEN_EXPIRED',
  'IDENTIFY_MALFORMED',
  'IDENTIFY_REQUIRED',
])
const signer = await createSigner('ES256')
const token = signer.token()
const gate = openGate([issuerOf([signer])])

test('a mutated token never verifies', async () => {
  const place = fc.nat({ max: token.length - 1 })
  const change = fc.record({ at: place, cut: fc.nat({ max: 3 }), put: fc.string({ maxLength: 3 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      let mutated = token
      for (const { at, cut, put } of changes) mutated = mutated.slice(0, at) + put + mutated.slice(at + cut)
      const result = await gate.bearer(mutated)
      // Leading spaces belong to the field, not to the token.
      if (mutated.replace(/^ +/, '') === token) return
      assert.ok(isDenied(result))
      assert.ok(declared.has(result.code), result.code)
    }),
    { numRuns: 3000 },
  )
})

test('whatever an Authorization field holds, only declared refusals come back', async () => {
  const field = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ maxLength: 200 }).map((text) => `Bearer ${text}`),
    fc
      .tuple(fc.base64String(), fc.base64String(), fc.base64String())
      .map((parts) => `Bearer ${parts.join('.')}`),
    fc.json().map((json) => `Bearer ${Buffer.from(json).toString('base64url')}.e30.AA`),
  )
  await fc.assert(
    fc.asyncProperty(field, async (text) => {
      const result = await gate.present(text)
      assert.ok(isDenied(result))
      assert.ok(declared.has(result.code), result.code)
    }),
    { numRuns: 3000 },
  )
})

test('signed claims of any shape give a principal or a declared refusal, and jose agrees to every principal', async () => {
  const key = await importJWK(signer.jwk, 'ES256')
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom<unknown>(issuerUrl, audience, 'a b', 0, 2 ** 31),
  )
  const name = fc.constantFrom(
    'iss',
    'aud',
    'sub',
    'exp',
    'nbf',
    'iat',
    'scope',
    'roles',
    'client_id',
    'cnf',
    'amr',
    'jti',
    'azp',
    'x',
  )
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, value, { maxKeys: 3 }), async (over) => {
      const text = signer.token(goodClaims({ ...over }))
      const result = await gate.bearer(text)
      if (isDenied(result)) {
        assert.ok(declared.has(result.code), result.code)
        return
      }
      accepted++
      assert.equal(typeof result.sub, 'string')
      await jwtVerify(text, key, { issuer: issuerUrl, audience, algorithms: ['ES256'], clockTolerance: 30 })
    }),
    { numRuns: 800 },
  )
  assert.ok(accepted > 20, `only ${accepted} accepted`)
})

test('J14: a flood of bad tokens pushes no good one out of the cache', async () => {
  const known = await gate.bearer(token)
  const [header = '', payload = ''] = token.split('.')
  for (let i = 0; i < 6000; i++) {
    const signature = Buffer.alloc(64, 1)
    signature.writeUInt32BE(i + 1, 0)
    const result = await gate.bearer(`${header}.${payload}.${signature.toString('base64url')}`)
    assert.ok(isDenied(result))
  }
  assert.ok(!isDenied(known))
  assert.equal(await gate.bearer(token), known)
})
