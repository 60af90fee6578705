import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { Fields } from '../../src/kernel/fields.ts'
import type { Principal } from '../../src/kernel/principal.ts'
import { type Denial, isDenied } from '../../src/kernel/verdict.ts'
import { createMemoryReplayStore } from '../../src/stores/memory/replay-store.ts'
import { dpopNegatives } from '../conformance/modules.ts'
import { createProver, type ProofOver, type Prover } from './dpop-fixture.ts'
import {
  base64url,
  challengesOf,
  createSigner,
  type GateOptions,
  goodClaims,
  issuerOf,
  openGate,
  outcomeOf,
} from './token-fixture.ts'

const signer = await createSigner('ES256')
const prover = createProver()
const token = signer.token(goodClaims({ cnf: { jkt: prover.thumbprint } }))
const unbound = signer.token()

function open(
  options: GateOptions = {},
  over: Parameters<typeof issuerOf>[1] = {},
): ReturnType<typeof openGate> {
  return openGate([issuerOf([signer], over)], {
    ...options,
    stage: { replays: createMemoryReplayStore({ capacity: 4096 }), ...options.stage },
  })
}

const gate = open()

/** What comes of one call with these fields. */
function call(
  fields: readonly string[],
  over: Parameters<typeof gate.present>[1] = {},
  at = gate,
): Promise<Principal | Denial> {
  return at.present(undefined, { fields: new Fields(fields), ...over })
}

function withProof(
  proof: string,
  at = gate,
  over: Parameters<typeof gate.present>[1] = {},
): Promise<Principal | Denial> {
  return call(['authorization', `DPoP ${token}`, 'dpop', proof], over, at)
}

const algs = 'algs="ES256 ES384 EdDSA Ed25519 PS256"'
const badProof = `DPoP error="invalid_dpop_proof", ${algs}`
const badToken = `DPoP error="invalid_token", ${algs}`

const now = (): number => Math.floor(Date.now() / 1000)

/** A text with one part replaced. */
function withPart(proof: string, index: number, part: string): string {
  return proof
    .split('.')
    .map((old, i) => (i === index ? part : old))
    .join('.')
}

const other = createProver()
const rsa = createProver('RS256')
const rsaToken = signer.token(goodClaims({ cnf: { jkt: rsa.thumbprint } }))

/** The 25 negative cases of the OpenID Foundation's module `fapi2-security-profile-final-dpop-negative-tests`. */
const negatives: readonly (readonly [string, () => Promise<Principal | Denial>, string?])[] = [
  ['upper-cased proof', () => withProof(prover.proof(token).toUpperCase())],
  [
    'more than one DPoP header',
    () =>
      call([
        ...['authorization', `DPoP ${token}`],
        ...['dpop', prover.proof(token)],
        ...['dpop', prover.proof(token)],
      ]),
  ],
  ['not a well-formed JWT', () => withProof(prover.proof(token).split('.').slice(0, 2).join('.'))],
  ['typ is missing', () => proven({ header: { typ: undefined } })],
  ['alg is missing', () => proven({ header: { alg: undefined } })],
  ['jwk is missing', () => proven({ header: { jwk: undefined } })],
  ['jti is missing', () => proven({ claims: { jti: undefined } })],
  ['htm is missing', () => proven({ claims: { htm: undefined } })],
  ['htu is missing', () => proven({ claims: { htu: undefined } })],
  ['iat is missing', () => proven({ claims: { iat: undefined } })],
  ['ath is missing', () => proven({ claims: { ath: undefined } })],
  ['invalid typ', () => proven({ header: { typ: 'JWT' } })],
  ['RS256 is not allowed', () => call(['authorization', `DPoP ${rsaToken}`, 'dpop', rsa.proof(rsaToken)])],
  ['alg none', () => withProof(withPart(prover.proof(token, { header: { alg: 'none' } }), 2, ''))],
  ['invalid signature', () => withProof(withPart(prover.proof(token), 2, base64url(Buffer.alloc(64, 7))))],
  ['jwk is a private key', () => proven({ header: { jwk: prover.privateJwk } })],
  ['incorrect htm', () => proven({ claims: { htm: 'PUT' } })],
  ['htu is another URL', () => proven({ claims: { htu: 'http://localhost/other' } })],
  ['iat one hour in the future', () => proven({ claims: { iat: now() + 3600 } })],
  ['iat one hour in the past', () => proven({ claims: { iat: now() - 3600 } })],
  [
    'jti is used again',
    async () => {
      const claims = { jti: 'once' }
      assert.equal(outcomeOf(await proven({ claims })), '123')
      return proven({ claims: { ...claims, iat: now() - 5 } })
    },
  ],
  ['incorrect ath', () => withProof(prover.proof(unbound))],
  ['signed with another key', () => withProof(other.proof(token))],
  ['no proof', () => call(['authorization', `DPoP ${token}`])],
  [
    'bound token as a bearer token',
    () => call(['authorization', `Bearer ${token}`, 'dpop', prover.proof(token)]),
    'bearer',
  ],
]

function proven(over: ProofOver, by: Prover = prover, at = gate): Promise<Principal | Denial> {
  return withProof(by.proof(token, over), at)
}

test('there are 25 negative cases, those that docs/conformance.md lists', () => {
  assert.equal(negatives.length, 25)
  assert.deepEqual(
    negatives.map(([name]) => name),
    dpopNegatives,
  )
})

for (const [name, run, as] of negatives)
  test(`R07: ${name}`, async () => {
    const result = await run()
    const code = as === 'bearer' ? 'IDENTIFY_TOKEN_INVALID' : 'IDENTIFY_PROOF_INVALID'
    assert.equal(outcomeOf(result), code)
    assert.deepEqual(
      challengesOf(result),
      as === 'bearer' ? ['Bearer error="invalid_token"', `DPoP ${algs}`] : ['Bearer', badProof],
    )
    // The module ends with a proof that still works: nothing else was wrong.
    assert.equal(outcomeOf(await proven({})), '123')
  })

test('R07: an unbound token with the scheme DPoP is refused, with and without a proof', async () => {
  for (const fields of [[], ['dpop', prover.proof(unbound)]]) {
    const result = await call(['authorization', `DPoP ${unbound}`, ...fields])
    assert.equal(outcomeOf(result), 'IDENTIFY_TOKEN_INVALID')
    assert.deepEqual(challengesOf(result), ['Bearer', badToken])
  }
})

test('R07: more that a proof may not be', async () => {
  const rows: [string, ProofOver][] = [
    ['HS256 with the public key', { header: { alg: 'HS256' } }],
    ['another alg of the same family', { header: { alg: 'ES384' } }],
    ['a secret as jwk', { header: { jwk: { kty: 'oct', k: 'AAAA' } } }],
    ['an empty jwk', { header: { jwk: {} } }],
    ['jwk as a text', { header: { jwk: JSON.stringify(prover.jwk) } }],
    ['a point off the curve', { header: { jwk: { ...prover.jwk, y: prover.jwk['x'] } } }],
    ['jwk for encryption', { header: { jwk: { ...prover.jwk, use: 'enc' } } }],
    ['crit', { header: { crit: ['exp'] } }],
    ['b64', { header: { b64: false } }],
    ['typ at+jwt', { header: { typ: 'at+jwt' } }],
    ['empty jti', { claims: { jti: '' } }],
    ['jti as a number', { claims: { jti: 5 } }],
    ['endless jti', { claims: { jti: 'a'.repeat(513) } }],
    ['htm in lower case', { claims: { htm: 'get' } }],
    ['iat as a text', { claims: { iat: String(now()) } }],
    ['iat null', { claims: { iat: null } }],
    ['ath of the wrong case', { claims: { ath: 'A'.repeat(43) } }],
    ['nonce as a number', { claims: { nonce: 1 } }],
    ['htu of another scheme', { claims: { htu: 'https://localhost/things' } }],
    ['htu of another port', { claims: { htu: 'http://localhost:8080/things' } }],
    ['htu with user', { claims: { htu: 'http://a@localhost/things' } }],
    ['htu with a backslash', { claims: { htu: 'http:\\\\localhost/things' } }],
    ['htu with a tab', { claims: { htu: 'http://local\thost/things' } }],
    ['htu relative', { claims: { htu: '/things' } }],
    ['htu with another case of path', { claims: { htu: 'http://localhost/Things' } }],
    ['htu with a final slash', { claims: { htu: 'http://localhost/things/' } }],
    ['htu as a list', { claims: { htu: ['http://localhost/things'] } }],
  ]
  for (const [name, over] of rows) assert.equal(outcomeOf(await proven(over)), 'IDENTIFY_PROOF_INVALID', name)
  for (const proof of [
    '',
    '.',
    '..',
    'a.b.c',
    'a'.repeat(9000),
    `${prover.proof(token)}=`,
    ` ${prover.proof(token)}`,
  ])
    assert.equal(outcomeOf(await withProof(proof)), 'IDENTIFY_PROOF_INVALID', proof.slice(0, 20))
})

test('R08: what does not matter is ignored', async () => {
  const rows: [string, ProofOver][] = [
    ['query and fragment', { claims: { htu: 'http://localhost/things?a=b#c' } }],
    ['case of scheme and host', { claims: { htu: 'HTTP://LocalHost/things' } }],
    ['default port', { claims: { htu: 'http://localhost:80/things' } }],
    ['escapes of unreserved characters', { claims: { htu: 'http://localhost/%74hings' } }],
    ['unknown claims', { claims: { sub: 'x', exp: 1, aud: [1], nested: { a: [] } } }],
    ['unknown members of the header', { header: { kid: 'x', x5c: [], jku: 'https://evil.example' } }],
    ['typ in another case', { header: { typ: 'DPoP+JWT' } }],
    ['a nonce nobody asked for', { claims: { nonce: 'x' } }],
    ['10 s early', { claims: { iat: now() - 10 } }],
    ['10 s late', { claims: { iat: now() + 10 } }],
    ['iat with a fraction', { claims: { iat: Date.now() / 1000 } }],
  ]
  for (const [name, over] of rows) assert.equal(outcomeOf(await proven(over)), '123', name)
  for (const scheme of ['dpop', 'DPOP', 'DpOp'])
    assert.equal(
      outcomeOf(await call(['authorization', `${scheme}  ${token}`, 'dpop', prover.proof(token)])),
      '123',
    )
})

test('R08: every algorithm that is advertised', async () => {
  for (const algorithm of ['ES256', 'ES384', 'EdDSA', 'PS256'] as const) {
    const one = createProver(algorithm)
    const bound = signer.token(goodClaims({ cnf: { jkt: one.thumbprint } }))
    const result = await call(['authorization', `DPoP ${bound}`, 'dpop', one.proof(bound)])
    assert.ok(!isDenied(result), algorithm)
    assert.equal(result.kind, 'dpop')
    assert.deepEqual({ ...result.cnf }, { jkt: one.thumbprint, x5t: undefined })
  }
  const ed = createProver('EdDSA')
  const bound = signer.token(goodClaims({ cnf: { jkt: ed.thumbprint } }))
  const proof = ed.proof(bound, { header: { alg: 'Ed25519' } })
  assert.equal(outcomeOf(await call(['authorization', `DPoP ${bound}`, 'dpop', proof])), '123')
})

test('R08: cnf.jkt with a kind of binding that is not understood is refused', async () => {
  const rows: unknown[] = [
    { jkt: prover.thumbprint, jwk: prover.jwk },
    { jkt: [prover.thumbprint] },
    { jkt: `${prover.thumbprint}=` },
    { kid: 'x' },
    {},
    prover.thumbprint,
    [],
    null,
  ]
  for (const cnf of rows) {
    const bound = signer.token(goodClaims({ cnf }))
    for (const scheme of ['DPoP', 'Bearer']) {
      const result = await call(['authorization', `${scheme} ${bound}`, 'dpop', prover.proof(bound)])
      assert.equal(outcomeOf(result), 'IDENTIFY_TOKEN_INVALID', JSON.stringify(cnf))
    }
  }
})

test('R09: a proof counts once, also while the same one is being judged', async () => {
  const proof = prover.proof(token)
  const results = await Promise.all(Array.from({ length: 20 }, () => withProof(proof)))
  assert.equal(results.filter((result) => !isDenied(result)).length, 1)
})

test('R09: the same jti of another key is another proof', async () => {
  const bound = signer.token(goodClaims({ cnf: { jkt: other.thumbprint } }))
  const claims = { jti: 'shared' }
  assert.equal(outcomeOf(await proven({ claims })), '123')
  const proof = other.proof(bound, { claims })
  assert.equal(outcomeOf(await call(['authorization', `DPoP ${bound}`, 'dpop', proof])), '123')
})

test('R09: two gates that share a store accept a proof once', async () => {
  const replays = createMemoryReplayStore({ capacity: 64 })
  const slow = { admit: async (...args: Parameters<typeof replays.admit>) => replays.admit(...args) }
  const gates = [open({ stage: { replays: slow } }), open({ stage: { replays: slow } })]
  const proof = prover.proof(token)
  const outcomes = await Promise.all(gates.map(async (one) => outcomeOf(await withProof(proof, one))))
  assert.deepEqual(outcomes.sort(), ['123', 'IDENTIFY_PROOF_INVALID'])
})

test('R09: a proof is remembered until its iat is too old', async () => {
  let ms = Date.now()
  const start = ms
  const clock = { now: () => ms, monotonic: () => ms - start }
  const at = open({ clock })
  const fresh = signer.token(goodClaims({ cnf: { jkt: prover.thumbprint }, exp: now() + 10_000 }))
  const proof = prover.proof(fresh, { claims: { iat: Math.floor(ms / 1000) + 30 } })
  const send = (): Promise<Principal | Denial> =>
    call(['authorization', `DPoP ${fresh}`, 'dpop', proof], {}, at)
  assert.equal(outcomeOf(await send()), '123')
  for (let seconds = 0; seconds <= 120; seconds += 5) {
    ms = start + seconds * 1000
    assert.equal(outcomeOf(await send()), 'IDENTIFY_PROOF_INVALID', `${seconds} s`)
  }
})

test('R09: a store without room refuses with 503, and never forgets', async () => {
  const at = open({ stage: { replays: createMemoryReplayStore({ capacity: 16 }) } })
  const codes = new Map<string, number>()
  const proofs = Array.from({ length: 40 }, () => prover.proof(token))
  const passed: string[] = []
  for (const proof of proofs) {
    const outcome = outcomeOf(await withProof(proof, at))
    codes.set(outcome, (codes.get(outcome) ?? 0) + 1)
    if (outcome === '123') passed.push(proof)
  }
  assert.deepEqual([...codes.keys()].sort(), ['123', 'IDENTIFY_KEYS_UNAVAILABLE'])
  for (const proof of passed) assert.equal(outcomeOf(await withProof(proof, at)), 'IDENTIFY_PROOF_INVALID')
})

test('R09: a store that breaks lets nothing pass', async () => {
  const broken = { admit: () => Promise.reject(new Error('down')) }
  await assert.rejects(withProof(prover.proof(token), open({ stage: { replays: broken } })))
})

test('without a replay store bound tokens are refused, and the scheme counts for nothing', async () => {
  const at = openGate([issuerOf([signer])])
  assert.equal(outcomeOf(await withProof(prover.proof(token), at)), 'IDENTIFY_REQUIRED')
  assert.equal(outcomeOf(await at.bearer(token)), 'IDENTIFY_TOKEN_INVALID')
})

test('dpop: required refuses bare tokens and offers DPoP alone', async () => {
  const at = open({}, { dpop: 'required' })
  const bare = await at.bearer(unbound)
  assert.equal(outcomeOf(bare), 'IDENTIFY_TOKEN_INVALID')
  assert.deepEqual(challengesOf(bare), [badToken])
  assert.deepEqual(challengesOf(await at.present(undefined)), [`DPoP ${algs}`])
  assert.equal(outcomeOf(await withProof(prover.proof(token), at)), '123')
})

test('the scheme http dpop of a contract takes bound tokens alone', async () => {
  const at = open({
    schemes: [{ name: 'proof', type: 'http', scheme: 'dpop' }],
    security: [[{ scheme: 'proof', scopes: [] }]],
  })
  assert.equal(outcomeOf(await withProof(prover.proof(token), at)), '123')
  const bare = await at.bearer(unbound)
  assert.ok(isDenied(bare))
  assert.deepEqual(challengesOf(await at.present(undefined)), [`DPoP ${algs}`])
})

test('R10: nonces: asked for, good for a while, renewed before they end', async () => {
  let ms = 1_800_000_000_000
  const start = ms
  const clock = { now: () => ms, monotonic: () => ms - start }
  const at = open({ clock, stage: { nonceSecret: Buffer.alloc(32, 1) } }, { dpopNonce: 'required' })
  const seconds = (): number => Math.floor(ms / 1000)
  const bound = signer.token(
    goodClaims({ cnf: { jkt: prover.thumbprint }, iat: seconds(), exp: seconds() + 10_000 }),
  )
  const send = (nonce?: string): Promise<Principal | Denial> =>
    call(
      [
        ...['authorization', `DPoP ${bound}`],
        ...['dpop', prover.proof(bound, { claims: { iat: seconds(), nonce } })],
      ],
      {},
      at,
    )
  const offered = (result: Principal | Denial): string => {
    assert.equal(outcomeOf(result), 'IDENTIFY_NONCE_REQUIRED')
    assert.deepEqual(challengesOf(result), ['Bearer', `DPoP error="use_dpop_nonce", ${algs}`])
    const fields = isDenied(result) ? (result.fields ?? []) : []
    return fields[fields.indexOf('dpop-nonce') + 1] ?? ''
  }
  const nonce = offered(await send())
  assert.match(nonce, /^[A-Za-z0-9_-]{24}$/)
  assert.equal(outcomeOf(await send(nonce)), '123')
  for (const foreign of [
    'x',
    '',
    `${nonce}A`,
    nonce.toLowerCase(),
    createHmac('sha256', 'x').update('y').digest('base64url'),
  ])
    assert.equal(offered(await send(foreign)), nonce)
  ms += 120_000
  const { trail } = await sendAndKeep(at, bound, nonce, seconds())
  const renewed = at.identify.replyFields(trail)
  assert.equal(renewed[0], 'DPoP-Nonce')
  assert.notEqual(renewed[1], nonce)
  const later = await sendAndKeep(at, bound, renewed[1] ?? '', seconds())
  assert.deepEqual(at.identify.replyFields(later.trail), [])
  ms += 120_000
  assert.notEqual(offered(await send(nonce)), nonce)
})

async function sendAndKeep(
  at: typeof gate,
  bound: string,
  nonce: string,
  iat: number,
): Promise<{ trail: Parameters<typeof gate.identify.replyFields>[0] }> {
  const { Trail } = await import('../../src/kernel/trail.ts')
  const trail = new Trail()
  const fields = ['authorization', `DPoP ${bound}`, 'dpop', prover.proof(bound, { claims: { iat, nonce } })]
  assert.equal(outcomeOf(await call(fields, { trail }, at)), '123')
  return { trail }
}

test('R10: nonces of two processes with one secret are the same, of two secrets not', async () => {
  const { createDpopNonces } = await import('../../src/stages/identify/dpop/dpop-nonces.ts')
  const clock = { now: () => 1_800_000_000_000, monotonic: () => 0 }
  const make = (byte: number): string => createDpopNonces(clock, Buffer.alloc(32, byte)).current()
  assert.equal(make(1), make(1))
  assert.notEqual(make(1), make(2))
})

test('R10: a proof for a stale nonce is not used up', async () => {
  const at = open({}, { dpopNonce: 'required' })
  const claims = { jti: 'again' }
  const first = await withProof(prover.proof(token, { claims }), at)
  assert.ok(isDenied(first) && first.code === 'IDENTIFY_NONCE_REQUIRED')
  const nonce = first.fields?.[first.fields.indexOf('dpop-nonce') + 1]
  assert.equal(outcomeOf(await withProof(prover.proof(token, { claims: { ...claims, nonce } }), at)), '123')
})

test('R10: htu is compared with the configured URL, never with a forwarded host', async () => {
  const at = open({ api: { address: { url: 'https://api.travel.example/v1', basePath: '/inner' } } })
  const over = { path: '/inner/things', authority: 'gateway.internal:8443' }
  const send = (htu: string): Promise<Principal | Denial> =>
    call(
      [
        ...['authorization', `DPoP ${token}`, 'x-forwarded-host', 'evil.example', 'host', 'evil.example'],
        ...['dpop', prover.proof(token, { claims: { htu } })],
      ],
      over,
      at,
    )
  assert.equal(outcomeOf(await send('https://api.travel.example/v1/things')), '123')
  assert.equal(outcomeOf(await send('https://API.travel.example:443/v1/things')), '123')
  for (const htu of [
    'https://evil.example/v1/things',
    'https://gateway.internal:8443/inner/things',
    'https://api.travel.example/inner/things',
    'http://api.travel.example/v1/things',
    'https://api.travel.example/v1/things/',
  ])
    assert.equal(outcomeOf(await send(htu)), 'IDENTIFY_PROOF_INVALID', htu)
})

test('a bad proof is refused before its signature is looked at; a good header is read once', async () => {
  const at = open()
  const proofs = Array.from({ length: 300 }, () => prover.proof(token))
  for (const proof of proofs.slice(0, 100)) await withProof(proof, at)
  const started = performance.now()
  for (const proof of proofs.slice(100)) assert.equal(outcomeOf(await withProof(proof, at)), '123')
  const micros = ((performance.now() - started) / 200) * 1000
  assert.ok(micros < 2000, `${micros} µs`)
})
