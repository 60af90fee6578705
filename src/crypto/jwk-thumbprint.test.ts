import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { jwkThumbprint } from './jwk-thumbprint.ts'

test('the example of RFC 7638 §3.1', () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
  assert.equal(
    jwkThumbprint({ kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' }),
    'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  )
})

test('as jose computes it, for every kind of key', async () => {
  for (const algorithm of ['ES256', 'ES384', 'Ed25519', 'PS256']) {
    const { publicKey } = await generateKeyPair(algorithm, { extractable: true })
    const jwk = await exportJWK(publicKey)
    assert.equal(jwkThumbprint({ ...jwk, use: 'sig' }), await calculateJwkThumbprint(jwk))
  }
})

test('what is no public key has none', () => {
  for (const jwk of [
    {},
    { kty: 'oct', k: 'AA' },
    { kty: 'EC', crv: 'P-256', x: 'AA' },
    { kty: 5 },
    { kty: 'RSA', n: 1, e: 'AQAB' },
  ])
    assert.equal(jwkThumbprint(jwk), undefined)
})
