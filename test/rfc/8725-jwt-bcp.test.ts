import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { Unusable } from '../../src/kernel/finding.ts'
import type { IssuerOptions } from '../../src/stages/identify/options.ts'
import {
  audience,
  base64url,
  challengeOf,
  createSecretSigner,
  createSigner,
  goodClaims,
  issuerOf,
  openGate,
  outcomeOf,
  type Signer,
} from './token-fixture.ts'

const invalid = 'IDENTIFY_TOKEN_INVALID'
const secret = 'a secret that is long enough for HMAC with SHA-256'
const rsa = await createSigner('RS256')
const ec = await createSigner('ES256')

test('every algorithm of the configuration verifies its own tokens', async () => {
  for (const algorithm of [
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
  ] as const) {
    const signer = await createSigner(algorithm)
    assert.equal(outcomeOf(await openGate([issuerOf([signer])]).bearer(signer.token())), '123', algorithm)
  }
  for (const algorithm of ['HS256', 'HS384', 'HS512'] as const) {
    const signer = createSecretSigner(secret.repeat(2), algorithm)
    assert.equal(outcomeOf(await openGate([issuerOf([signer])]).bearer(signer.token())), '123', algorithm)
  }
})

test('EdDSA and Ed25519 are two names of one algorithm', async () => {
  const signer = await createSigner('EdDSA')
  const gate = openGate([issuerOf([signer])])
  const token = signer.token(undefined, { alg: 'Ed25519', kid: 'k1' })
  assert.equal(outcomeOf(await gate.bearer(token)), '123')
})

test('J01: none in any case, no alg, and any alg off the list are refused', async () => {
  const gate = openGate([issuerOf([rsa])])
  const claims = base64url(JSON.stringify(goodClaims()))
  for (const alg of [
    'none',
    'None',
    'NONE',
    'nOnE',
    '',
    'rs256',
    'RS256 ',
    'HS256',
    'ES256',
    'RS512',
    'PS256',
    undefined,
    null,
    5,
    ['RS256'],
    {},
  ]) {
    const header = base64url(JSON.stringify({ alg, kid: 'k1', typ: 'at+jwt' }))
    const input = `${header}.${claims}`
    for (const signature of ['', base64url(rsa.signature(input)), 'AA'])
      assert.equal(outcomeOf(await gate.bearer(`${input}.${signature}`)), invalid, `${String(alg)}`)
    assert.equal(outcomeOf(await gate.bearer(input)), invalid)
  }
})

test('J02: a token signed by HMAC with the public key as secret is refused', async () => {
  const key = createPublicKey({ key: rsa.jwk as never, format: 'jwk' })
  const secrets = [
    key.export({ type: 'spki', format: 'pem' }).toString(),
    key.export({ type: 'spki', format: 'pem' }).toString().trim(),
    key.export({ type: 'pkcs1', format: 'pem' }).toString(),
    key.export({ type: 'spki', format: 'der' }).toString('latin1'),
    JSON.stringify(rsa.jwk),
    String(rsa.jwk.n),
  ]
  const gate = openGate([issuerOf([rsa])])
  for (const one of secrets)
    assert.equal(outcomeOf(await gate.bearer(createSecretSigner(one).token())), invalid)
})

test('J02: an issuer may not mix HMAC with public keys', () => {
  const mixed: Partial<IssuerOptions> = { algorithms: ['RS256', 'HS256'] }
  assert.throws(() => openGate([issuerOf([rsa], mixed)]), Unusable)
  assert.throws(
    () => openGate([{ ...issuerOf([createSecretSigner(secret)]), algorithms: ['HS256', 'ES256'] }]),
    Unusable,
  )
  assert.throws(
    () => openGate([issuerOf([rsa], { algorithms: ['HS256'], keys: { kind: 'public-key', pem: 'x' } })]),
    Unusable,
  )
})

test('J03: the key has its one algorithm; the header does not choose', async () => {
  // A key stated to be PS256 does not verify RS256, though both are on the list and the header says so.
  const pss = { ...rsa.jwk, alg: 'PS256' }
  const gate = openGate([
    issuerOf([rsa], { algorithms: ['RS256', 'PS256'], keys: { kind: 'jwks', value: { keys: [pss] } } }),
  ])
  assert.equal(outcomeOf(await gate.bearer(rsa.token())), invalid)
  // Without alg the single fitting algorithm of the configuration counts …
  const { alg: _alg, ...bare } = rsa.jwk
  const keys = { kind: 'jwks', value: { keys: [bare] } } as const
  assert.equal(outcomeOf(await openGate([issuerOf([rsa], { keys })]).bearer(rsa.token())), '123')
  // … and where several fit, the key is not used at all.
  assert.throws(
    () => openGate([issuerOf([rsa], { keys, algorithms: ['RS256', 'PS256'] })]),
    /several allowed/,
  )
})

test('J03: kty, crv, use and key_ops must fit', () => {
  const unfit: Record<string, object> = {
    'use is not sig': { ...rsa.jwk, use: 'enc' },
    'key_ops lacks verify': { ...rsa.jwk, key_ops: ['encrypt'] },
    'no allowed algorithm fits': { ...ec.jwk, alg: 'RS256' },
    'key type not supported': { ...rsa.jwk, kty: 'rsa' },
    'algorithm not allowed': { ...rsa.jwk, alg: 'RS512' },
    malformed: { ...rsa.jwk, n: `${rsa.jwk.n}=` },
    'private key published': { ...rsa.jwk, d: 'AQAB' },
  }
  for (const [why, jwk] of Object.entries(unfit))
    assert.throws(
      () => openGate([issuerOf([rsa], { keys: { kind: 'jwks', value: { keys: [jwk] } } })]),
      (error: unknown) => error instanceof Unusable && error.message.includes(why),
      why,
    )
})

test('J04: keys and URLs in the header are neither trusted nor called', async (t) => {
  let calls = 0
  const server = createServer((_request, response) => {
    calls++
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = server.address()
  const url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/keys` : ''
  const attacker = await createSigner('RS256', 'evil')
  const gate = openGate([issuerOf([rsa])])
  for (const extra of [{ jwk: attacker.jwk }, { jku: url }, { x5u: url }, { x5c: ['MIIB'] }]) {
    for (const kid of ['k1', 'evil', undefined]) {
      const token = attacker.token(undefined, { alg: 'RS256', kid, typ: 'at+jwt', ...extra })
      assert.equal(outcomeOf(await gate.bearer(token)), invalid)
    }
  }
  assert.equal(calls, 0)
})

test('J05: kid is a map key and nothing else', async () => {
  const gate = openGate([issuerOf([rsa])])
  for (const kid of ['__proto__', 'constructor', '../../../../dev/null', "' OR 1=1 --", 'k1\u0000', 'K1', ''])
    assert.equal(
      outcomeOf(await gate.bearer(rsa.token(undefined, { alg: 'RS256', kid, typ: 'at+jwt' }))),
      invalid,
    )
  for (const kid of [1, null, ['k1'], { toString: 'k1' }])
    assert.equal(
      outcomeOf(await gate.bearer(rsa.token(undefined, { alg: 'RS256', kid, typ: 'at+jwt' }))),
      invalid,
    )
})

test('J09: ECDSA signatures that are zero, out of range, DER or of a wrong length are refused', async () => {
  const gate = openGate([issuerOf([ec])])
  const input = ec.token().split('.').slice(0, 2).join('.')
  const good = ec.signature(input)
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
  const zero = Buffer.alloc(32)
  const r = good.subarray(0, 32)
  const s = good.subarray(32)
  const der = Buffer.concat([Buffer.from([0x30, 0x44, 0x02, 0x20]), r, Buffer.from([0x02, 0x20]), s])
  const bad = [
    Buffer.concat([zero, zero]),
    Buffer.concat([zero, s]),
    Buffer.concat([r, zero]),
    Buffer.concat([order, order]),
    Buffer.concat([order, s]),
    Buffer.concat([r, order]),
    Buffer.alloc(64, 0xff),
    der,
    good.subarray(0, 63),
    Buffer.concat([good, Buffer.from([0])]),
    Buffer.concat([Buffer.from([0]), r, s]),
    Buffer.from([0]),
  ]
  for (const signature of bad)
    assert.equal(outcomeOf(await gate.bearer(`${input}.${base64url(signature)}`)), invalid)
  assert.equal(outcomeOf(await gate.bearer(`${input}.${base64url(good)}`)), '123')
})

test('J10: short keys stop the start', () => {
  for (const short of ['', 'short', 'x'.repeat(31)])
    assert.throws(() => openGate([issuerOf([createSecretSigner(short)])]), Unusable)
  assert.throws(() => openGate([issuerOf([createSecretSigner('x'.repeat(63), 'HS512')])]), Unusable)
  openGate([issuerOf([createSecretSigner('x'.repeat(32))])])
  for (const keys of [
    { kind: 'public-key', pem: '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----' },
    { kind: 'public-key', file: '/nowhere/at/all.pem' },
    { kind: 'jwks-file', file: '/nowhere/at/all.json' },
    { kind: 'jwks', value: { keys: [] } },
    { kind: 'jwks', value: 'keys' },
  ] as const)
    assert.throws(() => openGate([issuerOf([rsa], { keys })]), Unusable)
})

test('J10: RSA below 3072 bits is a warning', () => {
  const rules = (signer: Signer): string[] =>
    openGate([issuerOf([signer])]).identify.findings.map((finding) => finding.rule)
  assert.deepEqual(rules(rsa), ['identify.key-short'])
  assert.deepEqual(rules(ec), [])
})

test('HMAC signatures of a wrong length are refused, never a fault', async () => {
  const signer = createSecretSigner(secret)
  const gate = openGate([issuerOf([signer])])
  const input = signer.token().split('.').slice(0, 2).join('.')
  const good = signer.signature(input)
  for (const signature of [good.subarray(0, 31), Buffer.concat([good, good]), Buffer.from([0])])
    assert.equal(outcomeOf(await gate.bearer(`${input}.${base64url(signature)}`)), invalid)
})

test('J11: nothing but canonical compact serialisation', async () => {
  const gate = openGate([issuerOf([ec])])
  const token = ec.token()
  const [header = '', claims = '', signature = ''] = token.split('.')
  const spare = (part: string): string => {
    // Changes unused bits alone: a lenient decoder gives the same bytes.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    return part.slice(0, -1) + alphabet.charAt(alphabet.indexOf(part.slice(-1)) + 1)
  }
  assert.deepEqual(Buffer.from(spare(signature), 'base64url'), Buffer.from(signature, 'base64url'))
  const bad = [
    `${header}.${claims}.${spare(signature)}`,
    `${header}.${claims}.${signature}=`,
    `${header}.${claims}.${signature}==`,
    `${header}=.${claims}.${signature}`,
    `${header}.${claims}.${signature}.`,
    `${header}.${claims}.${signature}.${signature}`,
    `${token}.x.y`,
    `.${token}`,
    `${header} .${claims}.${signature}`,
    `${header}.${claims}\t.${signature}`,
    `${header}..${signature}`,
    `.${claims}.${signature}`,
    `${header}.${claims}.`,
    `${header}.${claims}`,
    token.replace(/-/g, '+').replace(/_/g, '/').replace('.', '.+'),
    JSON.stringify({ payload: claims, protected: header, signature }),
    JSON.stringify({ payload: claims, signatures: [{ protected: header, signature }] }),
    `{${token}}`,
    `"${token}"`,
    'null',
    'undefined',
    `${token},${token}`,
  ]
  for (const one of bad) assert.equal(outcomeOf(await gate.bearer(one)), invalid, one.slice(0, 40))
  for (const extra of [
    { crit: ['exp'], exp: 1 },
    { crit: [] },
    { crit: ['b64'], b64: false },
    { b64: false },
    { b64: true },
  ])
    assert.equal(
      outcomeOf(await gate.bearer(ec.token(undefined, { alg: 'ES256', kid: 'k1', ...extra }))),
      invalid,
    )
})

test('J12: duplicate members, wrong types and broken JSON are refused, never a fault', async () => {
  const gate = openGate([issuerOf([ec])])
  const claims = JSON.stringify(goodClaims())
  const header = '{"alg":"ES256","kid":"k1","typ":"at+jwt"}'
  for (const text of [
    claims.replace('{', '{"sub":"456",'),
    claims.replace('}', ',"sub":"456"}'),
    claims.replace('}', ',"s\\u0075b":"456"}'),
    claims.replace('}', ',"a":{"b":1,"b":2}}'),
    `[${claims}]`,
    'null',
    '"text"',
    `${claims} x`,
    `\ufeff${claims}`,
    claims.replace('}', ',"__proto__":{"roles":["admin"]}}'),
    `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
    claims.replace('}', ',"n":1e400}'),
    claims.replace('}', ',"n":"\\ud800"}'),
  ])
    assert.equal(outcomeOf(await gate.bearer(ec.token(text, header))), invalid, text)
  for (const text of [
    header.replace('{', '{"alg":"none",'),
    header.replace('}', ',"alg":"none"}'),
    header.replace('}', ',"\\u0061lg":"none"}'),
    `[${header}]`,
  ])
    assert.equal(outcomeOf(await gate.bearer(ec.token(claims, text))), invalid, text)
  const wrong: Record<string, unknown>[] = [
    { sub: 123 },
    { sub: '' },
    { sub: null },
    { sub: undefined },
    { sub: ['123'] },
    { sub: 'a\nb' },
    { sub: 'x'.repeat(1025) },
    { scope: ['a', 'b'] },
    { scope: 5 },
    { scope: { a: 1 } },
    { roles: 5 },
    { roles: [1] },
    { roles: { admin: true } },
    { client_id: 5 },
    { amr: 'pwd' },
    { jti: 5 },
    { aud: {} },
    { aud: [audience, 5] },
    { aud: [[audience]] },
    { iss: ['https://id.travel.example'] },
  ]
  for (const over of wrong)
    assert.equal(outcomeOf(await gate.bearer(ec.token(goodClaims(over)))), invalid, JSON.stringify(over))
})

test('J14: a token over 8 KiB is refused before it is hashed or parsed', async () => {
  const gate = openGate([issuerOf([ec])])
  const big = ec.token(goodClaims({ pad: 'x'.repeat(9000) }))
  const result = await gate.bearer(big)
  assert.equal(outcomeOf(result), invalid)
  assert.match(JSON.stringify(result), /longer than any token/)
  assert.equal(outcomeOf(await gate.bearer(ec.token(goodClaims({ pad: 'x'.repeat(4000) })))), '123')
})

test('J15: keys never cross issuers', async () => {
  const other = await createSigner('ES256')
  const b: IssuerOptions = issuerOf([other], { name: 'partner', issuer: 'https://id.partner.example' })
  const gate = openGate([issuerOf([ec]), b])
  const swapped = (signer: Signer, iss: string): string => signer.token(goodClaims({ iss }))
  assert.equal(outcomeOf(await gate.bearer(swapped(ec, b.issuer))), invalid)
  assert.equal(outcomeOf(await gate.bearer(swapped(other, 'https://id.travel.example'))), invalid)
  assert.equal(outcomeOf(await gate.bearer(swapped(other, b.issuer))), '123')
})

test('J15: even the same key under two issuers vouches for each by name alone', async () => {
  const b: IssuerOptions = issuerOf([ec], {
    name: 'partner',
    issuer: 'https://id.partner.example',
    audience: ['other'],
  })
  const gate = openGate([issuerOf([ec]), b])
  // The partner's audience under the first issuer's name, and the other way round.
  assert.equal(outcomeOf(await gate.bearer(ec.token(goodClaims({ aud: 'other' })))), invalid)
  assert.equal(outcomeOf(await gate.bearer(ec.token(goodClaims({ iss: b.issuer })))), invalid)
  assert.equal(outcomeOf(await gate.bearer(ec.token(goodClaims({ iss: b.issuer, aud: 'other' })))), '123')
})

test('RFC 8725 §3.8: all refusals of a token look the same', async () => {
  const gate = openGate([issuerOf([ec])])
  const results = await Promise.all(
    ['null', ec.token(goodClaims({ aud: 'x' })), ec.token(goodClaims({ iss: 'x' })), `${ec.token()}AAAA`].map(
      gate.bearer,
    ),
  )
  for (const result of results) {
    assert.equal(outcomeOf(result), invalid)
    assert.equal(challengeOf(result), 'Bearer error="invalid_token"')
  }
})
