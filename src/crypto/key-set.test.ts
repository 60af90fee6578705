import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { createKeySet, maxKeys, parseKeySet } from './key-set.ts'
import { parsePublicPem, parseSecret } from './parse-pem.ts'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwkOf = (key: KeyObject, more: object = {}): object => ({ ...key.export({ format: 'jwk' }), ...more })
const oct = (more: object = {}): object => ({
  kty: 'oct',
  k: Buffer.alloc(32, 7).toString('base64url'),
  ...more,
})

test('a kid finds its key under its own algorithm alone', () => {
  const set = parseKeySet(
    { keys: [jwkOf(ec.publicKey, { kid: 'a' }), jwkOf(p384.publicKey, { kid: 'b' })] },
    ['ES256', 'ES384'],
  )
  assert.equal(set?.find('a', 'ES256')?.algorithm, 'ES256')
  assert.equal(set?.find('b', 'ES384')?.algorithm, 'ES384')
  for (const [kid, alg] of [
    ['a', 'ES384'],
    ['b', 'ES256'],
    ['c', 'ES256'],
    ['a', 'none'],
    ['a', '__proto__'],
  ] as const)
    assert.equal(set?.find(kid, alg), undefined)
  assert.equal(set?.find(undefined, 'ES256')?.kid, 'a')
})

test('without kid the key must be the only one of its algorithm', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const set = parseKeySet(
    { keys: [jwkOf(ec.publicKey, { kid: 'a' }), jwkOf(other.publicKey, { kid: 'b' })] },
    ['ES256'],
  )
  assert.equal(set?.find(undefined, 'ES256'), undefined)
})

test('a kid given twice to one type names no key', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const set = parseKeySet(
    {
      keys: [
        jwkOf(ec.publicKey, { kid: 'a' }),
        jwkOf(other.publicKey, { kid: 'a' }),
        jwkOf(rsa.publicKey, { kid: 'a' }),
      ],
    },
    ['ES256', 'RS256'],
  )
  assert.equal(set?.find('a', 'ES256'), undefined)
  assert.equal(set?.find('a', 'RS256')?.algorithm, 'RS256')
  assert.deepEqual(set?.problems, ['kid used twice', 'kid used twice'])
})

test('secrets and public keys in one set: none is used', () => {
  const set = parseKeySet({ keys: [jwkOf(ec.publicKey), oct()] }, ['ES256', 'HS256'], { secrets: true })
  assert.deepEqual(set?.keys, [])
  assert.equal(parseKeySet({ keys: [oct()] }, ['HS256'], { secrets: true })?.keys.length, 1)
  assert.equal(parseKeySet({ keys: [oct()] }, ['HS256'])?.keys.length, 0)
})

test('what is no key set is none', () => {
  for (const value of [
    undefined,
    null,
    1,
    'x',
    [],
    {},
    { keys: {} },
    { keys: Array(maxKeys + 1).fill(oct()) },
  ])
    assert.equal(parseKeySet(value, ['HS256'], { secrets: true }), undefined)
  const odd = parseKeySet(
    {
      keys: [null, 1, 'x', [], {}, { kty: 'EC' }, { kty: 5 }, { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }],
    },
    ['ES256'],
  )
  assert.equal(odd?.keys.length, 0)
  assert.equal(odd?.problems.length, 8)
})

test('weak and off-curve keys are left out', () => {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const one = jwkOf(rsa.publicKey, { e: 'AQ' })
  const even = jwkOf(rsa.publicKey, { e: 'Ag' })
  const set = parseKeySet({ keys: [jwkOf(short.publicKey), one, even] }, ['RS256'])
  assert.deepEqual(set?.keys, [])
  const { x } = ec.publicKey.export({ format: 'jwk' })
  const off = parseKeySet({ keys: [{ kty: 'EC', crv: 'P-256', x, y: x }] }, ['ES256'])
  assert.deepEqual(off?.problems, ['malformed'])
})

test('RSA below 3072 bits is marked as aging', () => {
  assert.equal(parseKeySet({ keys: [jwkOf(rsa.publicKey)] }, ['RS256'])?.keys[0]?.aging, true)
  assert.equal(parseKeySet({ keys: [jwkOf(ec.publicKey)] }, ['ES256'])?.keys[0]?.aging, false)
})

test('PEM: public keys only, bound to the one fitting algorithm', () => {
  const pem = ec.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const key = parsePublicPem(pem, ['ES256'])
  assert.ok(typeof key !== 'string')
  assert.equal(createKeySet([key], { named: false }).find('any kid', 'ES256'), key)
  assert.equal(parsePublicPem(pem, ['ES384']), 'no allowed algorithm fits')
  assert.equal(parsePublicPem(pem, ['HS256']), 'no allowed algorithm fits')
  assert.equal(parsePublicPem('x', ['ES256']), 'malformed')
  const secret = ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  assert.equal(parsePublicPem(secret, ['ES256']), 'private key published')
  const rsaPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  assert.equal(parsePublicPem(rsaPem, ['RS256', 'PS256']), 'several allowed algorithms fit; state one')
  assert.equal(parseSecret('x'.repeat(32), ['HS256', 'HS384']), 'several allowed algorithms fit; state one')
  assert.equal(parseSecret('x'.repeat(31), ['HS256']), 'weak key')
})

test('prints tell keys apart', () => {
  const print = (jwk: object): string | undefined => parseKeySet({ keys: [jwk] }, ['ES256'])?.keys[0]?.print
  assert.equal(print(jwkOf(ec.publicKey, { kid: 'a' })), print(jwkOf(ec.publicKey, { kid: 'a', use: 'sig' })))
  assert.notEqual(print(jwkOf(ec.publicKey, { kid: 'a' })), print(jwkOf(ec.publicKey, { kid: 'b' })))
})
