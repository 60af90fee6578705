// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createLocalJWKSet, importSPKI, jwtVerify } from 'jose'
import { createDevKeys } from './create-dev-keys.ts'
import { run } from './test-bed/binary.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-token-'))
after(() => rmSync(folder, { recursive: true }))
const secret = 's'.repeat(40)
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

before(async () => {
  await createDevKeys(join(folder, 'keys'))
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 })
  put('api.yaml', '{}')
  put('rsa.pem', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  put('rsa.pub', rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString())
  put(
    'sallyport.yaml',
    `listen: [{ address: 127.0.0.1:0 }]
issuers:
  dev: { issuer: https://dev.example, audience: [api, other], algorithms: [RS256, ES256], keys: { jwks: keys/jwks.json }, signingKey: keys/signing-key.json }
  pem: { issuer: https://pem.example, audience: api, algorithms: [PS256], keys: { publicKey: rsa.pub }, signingKey: rsa.pem, roles: realm.roles }
  hs: { issuer: hs, audience: api, algorithms: [HS256], keys: { secret: "\${SECRET}" } }
  far: { issuer: https://far.example, audience: api, algorithms: [ES256] }
  odd: { issuer: https://odd.example, audience: api, algorithms: [ES256], keys: { jwks: keys/jwks.json }, signingKey: rsa.pem }
apis:
  a: { contract: api.yaml, upstream: http://127.0.0.1:1 }
`,
  )
})

const token = (...args: string[]): string => {
  const { code, out, err } = run(folder, ['token', ...args], { SECRET: secret })
  assert.equal(code, 0, err)
  return out.trim()
}

test('a token that the issuer’s keys verify, with the claims asked for', async () => {
  const set = createLocalJWKSet(JSON.parse(readFileSync(join(folder, 'keys', 'jwks.json'), 'utf8')))
  const made = token(
    '--issuer',
    'dev',
    '--subject',
    'u1',
    '--scope',
    'a b',
    '--role',
    'admin',
    '--role',
    'x',
    '--client',
    'c',
    '--claim',
    'tier=3',
    '--expires',
    '5min',
  )
  const { payload, protectedHeader } = await jwtVerify(made, set, {
    issuer: 'https://dev.example',
    audience: 'api',
    typ: 'at+jwt',
  })
  assert.equal(protectedHeader.alg, 'ES256')
  assert.ok(protectedHeader.kid)
  const { sub, scope, roles, client_id, tier, iat = 0, exp = 0 } = payload
  assert.deepEqual(
    { sub, scope, roles, client_id, tier, life: exp - iat },
    { sub: 'u1', scope: 'a b', roles: ['admin', 'x'], client_id: 'c', tier: 3, life: 300 },
  )
})

test('PEM keys, dotted claims, shared secrets', async () => {
  const pem = await jwtVerify(
    token('--issuer', 'pem', '--subject', 'u', '--role', 'r'),
    await importSPKI(rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'PS256'),
  )
  assert.deepEqual(pem.payload['realm'], { roles: ['r'] })
  const hs = await jwtVerify(token('--issuer', 'hs', '--subject', 'u'), Buffer.from(secret))
  assert.equal(hs.payload.iss, 'hs')
})

test('what cannot be signed says why, and never what the secret is', () => {
  const wrong = (...args: string[]): string => {
    const { code, err, out } = run(folder, ['token', ...args], { SECRET: secret })
    assert.equal(code, 2)
    assert.equal(out, '')
    assert.ok(!err.includes(secret))
    return err
  }
  assert.match(wrong('--subject', 'u'), /write --issuer NAME; there are dev, pem/)
  assert.match(wrong('--issuer', 'devv', '--subject', 'u'), /did you mean `dev`\?/)
  assert.match(wrong('--issuer', 'far', '--subject', 'u'), /signingKey: FILE/)
  assert.match(wrong('--issuer', 'odd', '--subject', 'u'), /fits none of the issuer’s algorithms/)
  assert.match(wrong('--issuer', 'dev', '--subject', 'u', '--expires', 'soon'), /duration such as 1h/)
  assert.match(wrong('--issuer', 'dev', '--subject', 'u', '--claim', 'x'), /NAME=VALUE/)
})
