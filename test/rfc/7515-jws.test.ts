import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type KeySet, parseKeySet } from '../../src/crypto/key-set.ts'
import type { SignatureAlgorithm } from '../../src/crypto/signature-algorithm.ts'
import { isSignatureValid } from '../../src/crypto/verify-signature.ts'
import { splitCompact } from '../../src/stages/identify/bearer/compact-jws.ts'
import { type CaseRow, readCases } from '../cases.ts'

const every: readonly SignatureAlgorithm[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'HS256',
  'HS384',
  'HS512',
]

interface JwsRow extends CaseRow {
  readonly key_public: object | null
  readonly key_private: object | null
  readonly token: unknown
  readonly comment: string
  readonly tc_id: number
  readonly expected: { readonly result: string }
}

/** As the stage does it, without claims: strict reading, then the one key that header and set agree on. */
function isAccepted(token: unknown, document: object, allowed = every): boolean {
  const set = keySetOf(document, allowed)
  if (set === undefined || typeof token !== 'string') return false
  const jws = splitCompact(token)
  if (typeof jws === 'string') return false
  const key = set.find(jws.kid, jws.algorithm)
  return key !== undefined && isSignatureValid(key, jws.signed, jws.signature)
}

function keySetOf(document: object, allowed: readonly SignatureAlgorithm[]): KeySet | undefined {
  const listed = 'keys' in document && Array.isArray(document.keys) ? (document.keys as object[]) : [document]
  return parseKeySet({ keys: listed.map(withoutPrivate) }, allowed, { secrets: true })
}

/** Public part of a vector's key, where the vector gives the private one alone. */
function withoutPrivate(jwk: object): object {
  const secret = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi'])
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => !secret.has(name)))
}

test('J18: Wycheproof JWS vectors are told apart', (t) => {
  const rows = readCases<JwsRow>(t, 'jose/wycheproof_jose').filter((row) => row.kind === 'jws')
  let valid = 0
  let invalid = 0
  const wrong: string[] = []
  for (const row of rows) {
    const accepted = isAccepted(row.token, row.key_public ?? row.key_private ?? {})
    // Leniently spelt base64 that the vectors let pass (weak): J11 says to refuse it.
    const lenient = row.comment === 'InvalidCharacterInsertedInHeader'
    const expected = row.expected.result === 'valid' && !lenient
    if (expected) valid++
    else invalid++
    if (accepted !== expected) wrong.push(`${row.tc_id} ${row.comment} expected ${expected}`)
  }
  t.diagnostic(`Wycheproof JWS: ${valid} valid accepted, ${invalid} invalid refused, ${wrong.length} wrong`)
  assert.deepEqual(wrong, [])
  if (rows.length > 0) assert.ok(valid > 20 && invalid > 150)
})

test('J13: every Wycheproof JWE is refused before any key is touched', (t) => {
  const rows = readCases<JwsRow>(t, 'jose/wycheproof_jose').filter((row) => row.kind === 'jwe')
  let strings = 0
  for (const row of rows) {
    // The others are JSON serialisation, which no Authorization field can hold.
    if (typeof row.token !== 'string') continue
    strings++
    assert.equal(typeof splitCompact(row.token), 'string', row.comment)
  }
  t.diagnostic(`${strings} of ${rows.length} JWE are strings, all refused`)
  if (rows.length > 0) assert.ok(strings > 50)
})

interface CookbookRow extends CaseRow {
  readonly input: { readonly key?: object; readonly alg?: SignatureAlgorithm }
  readonly path: string
  readonly output: { readonly compact?: string }
}

test('RFC 7520: compact JWS of the cookbook verify', (t) => {
  const rows = readCases<CookbookRow>(t, 'jose/jose_cookbook').filter((row) => row.kind === 'jws')
  let ran = 0
  for (const row of rows) {
    const { compact } = row.output
    // Detached payloads and JSON serialisation are not read at all.
    if (compact === undefined || compact.includes('..')) continue
    ran++
    assert.equal(isAccepted(compact, row.input.key ?? {}, [row.input.alg ?? 'RS256']), true, row.path)
  }
  t.diagnostic(`${ran} of ${rows.length} cookbook JWS are compact and verify`)
})
