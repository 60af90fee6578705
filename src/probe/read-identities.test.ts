import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Unusable } from '../kernel/finding.ts'
import { createRandom } from './create-random.ts'
import { carry } from './identity.ts'
import { samplePattern } from './plan/sample-pattern.ts'
import { parseIdentity } from './read-identities.ts'
import { otherId } from './state/known-id.ts'

const bearer = new Map([['token', { name: 'token', type: 'http', scheme: 'bearer' } as const]])
const key = new Map([['key', { name: 'key', type: 'apiKey', in: 'query', field: 'api_key' } as const]])
const secured = (scheme: string): Parameters<typeof carry>[1] => ({
  security: [[{ scheme, scopes: [] }]],
  securityDeclared: true,
})

test('a credential goes where the contract says, or where its kind says', () => {
  const plain = parseIdentity('alice=abc123', {}).identity
  assert.deepEqual(carry(plain, secured('token'), bearer).headers, [['authorization', 'Bearer abc123']])
  assert.deepEqual(carry(plain, secured('key'), key).query, [['api_key', 'abc123']])
  const basic = parseIdentity('bob=basic:bob:word', {}).identity
  assert.deepEqual(carry(basic, secured('token'), bearer).headers, [['authorization', 'Basic Ym9iOndvcmQ=']])
  const cookie = parseIdentity('carol=cookie:sid=s1', {}).identity
  assert.deepEqual(carry(cookie, secured('token'), bearer).headers, [['cookie', 'sid=s1']])
  const open = { security: [], securityDeclared: true }
  assert.deepEqual(carry(plain, open, bearer), { headers: [], query: [] })
})

test('variables are put in; what is missing is an error that holds no secret', () => {
  const name = 'TOKEN_OF_ALICE'
  const { identity } = parseIdentity(`alice=\${${name}}`, { [name]: 'from-env' })
  assert.equal(identity.credentials.get('*')?.value, 'from-env')
  assert.throws(() => parseIdentity(`alice=\${${name}}`, {}), Unusable)
  for (const wrong of ['alice', '=x', 'a b=x', 'alice=', 'alice=cookie:nothing'])
    assert.throws(() => parseIdentity(wrong, {}), Unusable)
})

test('any text of an option is an identity or a finding', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      try {
        parseIdentity(text, {})
      } catch (error) {
        assert.ok(error instanceof Unusable)
      }
    }),
  )
})

test('patterns of contracts get a text that they match', () => {
  for (const pattern of [
    '^[A-Z]{3}$',
    '^bk_[a-z0-9]{12}$',
    '^[1-9][0-9]{0,17}$',
    '^20[0-9]{2}-(0[1-9]|1[0-2])$',
    '^\\+[1-9][0-9]{6,14}$',
    '^(?:red|green)-\\d{2,4}$',
    '[a-z]+@[a-z]+\\.com',
    '^[^\\s]{5}$',
  ]) {
    const text = samplePattern(pattern, createRandom(7), 4)
    assert.ok(text !== undefined && new RegExp(pattern, 'u').test(text), `${pattern}: ${text}`)
  }
  assert.equal(samplePattern('(', createRandom(1)), undefined)
})

test('an id that nobody has looks like one and is another', () => {
  for (const id of [7, 123456, 'bk_a1c3e5g7i9k1', '5b0c9a1e-0000-4000-8000-000000000011', 'a@b.example']) {
    const other = otherId(id, createRandom(3))
    assert.notEqual(other, String(id))
    assert.equal(/^\d+$/.test(other), /^\d+$/.test(String(id)))
    if (typeof id === 'string') assert.equal(other.length, id.length)
  }
})
