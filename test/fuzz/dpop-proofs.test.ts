import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fields } from '../../src/kernel/fields.ts'
import { isDenied } from '../../src/kernel/verdict.ts'
import { parseAlternativeNames } from '../../src/stages/identify/certificates/alternative-names.ts'
import { parseSpiffeId } from '../../src/stages/identify/certificates/spiffe-id.ts'
import { isSameUri } from '../../src/stages/identify/dpop/external-uri.ts'
import { createMemoryReplayStore } from '../../src/stores/memory/replay-store.ts'
import { createProver, tokenHash } from '../rfc/dpop-fixture.ts'
import { base64url, createSigner, goodClaims, issuerOf, openGate, outcomeOf } from '../rfc/token-fixture.ts'

const signer = await createSigner('ES256')
const prover = createProver()
const token = signer.token(goodClaims({ cnf: { jkt: prover.thumbprint } }))
const gate = openGate([issuerOf([signer])], {
  stage: { replays: createMemoryReplayStore({ capacity: 65_536 }) },
})
const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ']

async function outcome(proof: string): Promise<string> {
  const fields = new Fields(['authorization', `DPoP ${token}`, 'dpop', proof])
  return outcomeOf(await gate.present(undefined, { fields }))
}

test('any one character of a proof changed, removed or added: refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.constantFrom(...alphabet),
      fc.constantFrom('change', 'remove', 'add'),
      async (at, character, how) => {
        const proof = prover.proof(token)
        const i = at % proof.length
        const mutated =
          proof.slice(0, i) + (how === 'remove' ? '' : character) + proof.slice(how === 'add' ? i : i + 1)
        const result = await outcome(mutated)
        if (mutated === proof) assert.equal(result, '123')
        else assert.equal(result, 'IDENTIFY_PROOF_INVALID', `${how} ${i}`)
      },
    ),
    { numRuns: 1500 },
  )
})

test('any text as a proof: refused, never a fault', async () => {
  const part = fc.oneof(fc.base64String(), fc.json().map(base64url), fc.string())
  const proof = fc.oneof(
    fc.string(),
    fc.tuple(part, part, part).map((parts) => parts.join('.')),
  )
  await fc.assert(
    fc.asyncProperty(proof, async (text) => assert.equal(await outcome(text), 'IDENTIFY_PROOF_INVALID')),
    { numRuns: 1000 },
  )
})

test('well-signed proofs with any claims and header pass only where all of RFC 9449 §4.3 holds', async () => {
  const now = Math.floor(Date.now() / 1000)
  const anything = fc.oneof(fc.jsonValue(), fc.constant(undefined))
  const mostly = <T>(value: T) => ({ arbitrary: fc.constant(value), weight: 6 })
  const seldom = { arbitrary: anything, weight: 1 }
  const claims = fc.record({
    htm: fc.oneof(mostly('GET'), seldom),
    htu: fc.oneof(mostly('http://localhost/things'), seldom),
    iat: fc.oneof({ arbitrary: fc.integer({ min: now - 200, max: now + 200 }), weight: 6 }, seldom),
    ath: fc.oneof(mostly(tokenHash(token)), seldom),
    jti: fc.oneof({ arbitrary: fc.uuid(), weight: 6 }, seldom),
    nonce: fc.oneof(mostly(undefined), seldom),
  })
  const header = fc.record({
    typ: fc.oneof(mostly('dpop+jwt'), seldom),
    alg: fc.oneof(mostly('ES256'), seldom),
    jwk: fc.oneof(mostly(prover.jwk), seldom),
  })
  let passed = 0
  await fc.assert(
    fc.asyncProperty(claims, header, async (over, head) => {
      const result = await outcome(prover.proof(token, { claims: over, header: head, signedAs: 'ES256' }))
      if (result !== '123') {
        assert.equal(result, 'IDENTIFY_PROOF_INVALID')
        return
      }
      passed++
      assert.equal(over.htm, 'GET')
      assert.equal(over.htu, 'http://localhost/things')
      assert.equal(over.ath, tokenHash(token))
      assert.ok(typeof over.jti === 'string' && over.jti.length > 0)
      assert.ok(typeof over.iat === 'number' && Math.abs(over.iat - Date.now() / 1000) <= 61)
      assert.equal(head.typ, 'dpop+jwt')
      assert.equal(head.alg, 'ES256')
      assert.equal(head.jwk, prover.jwk)
    }),
    { numRuns: 3000 },
  )
  assert.ok(passed > 50, `${passed} passed`)
})

test('URIs compare as equal in themselves and never by throwing', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
      const bare = url.replace(/[?#].*$/s, '')
      assert.ok(isSameUri(url, bare))
      assert.ok(isSameUri(bare, `${bare}?x#y`))
      assert.ok(!isSameUri(url, `${bare}x`))
    }),
  )
  fc.assert(fc.property(fc.string(), fc.string(), (one, other) => void isSameUri(one, other)))
})

test('names of certificates: only what is unambiguous is read', () => {
  const kind = fc.constantFrom('DNS', 'URI', 'email', 'IP Address')
  const names = fc.array(fc.record({ kind, value: fc.string() }), { maxLength: 5 })
  fc.assert(
    fc.property(names, (list) => {
      // As node:crypto writes them.
      const text = list
        .map(({ kind: of, value }) => `${of}:${/[^ -~]|[",\\']/.test(value) ? JSON.stringify(value) : value}`)
        .join(', ')
      const read = parseAlternativeNames(text)
      if (list.some(({ value }) => value === '')) return
      assert.deepEqual(
        read?.flatMap(({ kind: of, value }) => [of, value]),
        list.flatMap(({ kind: of, value }) => [of, value]),
      )
    }),
  )
  fc.assert(fc.property(fc.string(), (text) => void parseAlternativeNames(text)))
})

test('SPIFFE ids: what is read is what was written', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (domain, path) => {
      const text = `spiffe://${domain}${path}`
      const id = parseSpiffeId(text)
      if (id === undefined) return
      assert.equal(`spiffe://${id.trustDomain}${id.path}`, text)
      assert.ok(!/[?#%@:]|\/$|\/\//.test(id.trustDomain + id.path))
    }),
  )
  for (const good of ['spiffe://a', 'spiffe://travel.example/pump/7', 'spiffe://a_b-c.d/E/..f'])
    assert.ok(parseSpiffeId(good) !== undefined, good)
  for (const bad of [
    ...[
      '',
      'spiffe://',
      'spiffe:///a',
      'SPIFFE://a',
      'spiffe://A/b',
      'spiffe://a/',
      'spiffe://a//b',
      'spiffe://a/./b',
    ],
    ...[
      'spiffe://a/..',
      'spiffe://a:1/b',
      'spiffe://u@a/b',
      'spiffe://a/b?c',
      'spiffe://a/b#c',
      'spiffe://a/%41',
      'spiffe://a/ü',
    ],
    ...[`spiffe://${'a'.repeat(256)}`, `spiffe://a/${'b'.repeat(2048)}`, 'https://a/b', 'spiffe://a/b\n'],
  ])
    assert.equal(parseSpiffeId(bad), undefined, bad.slice(0, 40))
})

test('nothing that is refused is remembered as a key: the cache holds proven keys alone', async () => {
  for (let i = 0; i < 50; i++) {
    const stranger = createProver()
    assert.equal(await outcome(stranger.proof(token)), 'IDENTIFY_PROOF_INVALID')
  }
  const result = await gate.present(undefined, {
    fields: new Fields(['authorization', `DPoP ${token}`, 'dpop', prover.proof(token)]),
  })
  assert.ok(!isDenied(result))
})
