import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { busyTime } from '../../../../test/support/busy-time.ts'
import { isIban, isLuhn } from './checksums.ts'
import { compileSecretSearch, redactSecrets } from './find-secrets.ts'
import { secretKinds } from './secret-kinds.ts'

const search = compileSecretSearch(secretKinds)
const kindsOf = (text: string): string[] => search.find(text).map(({ kind }) => kind)

// Made here, so that no scanner takes this file for a leak.
const letters = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789'
const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
function githubToken(): string {
  const body = letters.slice(0, 30)
  let sum = crc32(body)
  let check = ''
  for (let i = 0; i < 6; i++) {
    check = (base62[sum % 62] ?? '') + check
    sum = Math.floor(sum / 62)
  }
  return `ghp_${body}${check}`
}

test('each kind is found', () => {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  for (const [text, kind] of [
    [pem, 'private-key'],
    [`key ${['AK', 'IA'].join('')}QWERTYUIOPASDFGH`, 'cloud-key'],
    [githubToken(), 'token'],
    [`${['xo', 'xb'].join('')}-1234567890-abcdefghij`, 'token'],
    [`${['sk', 'live', ''].join('_')}${letters.slice(0, 24)}`, 'token'],
    [`mongodb+srv://user:${letters.slice(0, 9)}@cluster.example/db`, 'connection-string'],
    [`Server=db.example;Database=x;User Id=sa;${['Pass', 'word'].join('')}=geheim123`, 'connection-string'],
    ['5555 5555 5555 4444', 'card-number'],
    ['378282246310005', 'card-number'],
    ['GB82 WEST 1234 5698 7654 32', 'iban'],
    ['078-05-1120', 'national-id'],
  ] as const)
    assert.deepEqual(kindsOf(`before ${text} after`), [kind], kind)
})

test('what only looks like one is not', () => {
  for (const text of [
    '4111 1111 1111 1112',
    '1234567890123456',
    'order 4111111111111111.50',
    'GB82 WEST 1234 5698 7654 33',
    `ghp_${letters}`,
    'https://user@example.com/path',
    'https://example.com:8080/a@b',
    'sk-this-is-just-a-long-slug-of-a-page-about-skiing-aaaaaaaaaaaaaaaa'.replace(/[^a]/g, 'a'),
    'phone 555-01-2345678',
  ])
    assert.deepEqual(kindsOf(text), [], text)
})

test('checksums', () => {
  assert.ok(isLuhn('4111111111111111') && !isLuhn('4111111111111112'))
  assert.ok(
    isIban('DE89370400440532013000') && !isIban('DE89370400440532013001') && !isIban('DE8937040044053201300'),
  )
})

test('what is redacted holds nothing of it, and the rest stays', () => {
  const text = `a ${githubToken()} b 5555555555554444 c`
  assert.equal(redactSecrets(text, search.find(text)), 'a [removed: token] b [removed: card-number] c')
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 200 }), (before, after) => {
      const token = githubToken()
      const whole = `${before} ${token} ${after}`
      const left = redactSecrets(whole, search.find(whole))
      assert.ok(!left.includes(token))
    }),
  )
})

test('time is linear', () => {
  for (const unit of ['4', '4 ', 'eyJ', '://a:b', 'A1', '-----BEGIN PRIVATE KEY-----', 'Server=a;', 'sk-a']) {
    const text = unit.repeat(Math.ceil(262_144 / unit.length))
    const { ms } = busyTime(() => search.find(text))
    assert.ok(ms < 1_500, `${unit}: ${ms} ms`)
  }
})
