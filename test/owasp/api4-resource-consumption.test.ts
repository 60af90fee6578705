import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Authorized } from '../../src/kernel/facts.ts'
import { emptyGrant } from '../../src/kernel/grant.ts'
import { anonymous } from '../../src/kernel/principal.ts'
import { isDenied } from '../../src/kernel/verdict.ts'
import type { Limit } from '../../src/stages/limit/create-limit.ts'
import { limitRule, limitWith } from '../support/limit-with.ts'
import {
  type CallParts,
  makeCall,
  makeInspected,
  makeOperation,
  makePrincipal,
} from '../support/make-call.ts'

// OWASP API4:2023 as far as rates go. Whose budget a call spends follows from proven facts alone.

const read = makeOperation(0, 'GET /users/{userId}', { query: ['q'] })
const login = makeOperation(1, 'POST /login', { hasBody: true, security: [] })
const operations = [read, login]
const once = { rate: 1, windowMs: 60_000, burst: 1 }

function passes(limit: Limit, parts: CallParts): boolean {
  const call: Authorized = { ...makeCall(read, parts), grant: emptyGrant }
  const outcome = limit.run(call)
  assert.ok(!(outcome instanceof Promise))
  return !isDenied(outcome)
}

function signIn(limit: Limit, body: unknown, client = '192.0.2.1'): boolean {
  const outcome = limit.runInput(makeInspected(makeCall(login, { principal: anonymous, client }), body))
  assert.ok(!(outcome instanceof Promise))
  return !isDenied(outcome)
}

describe('API4 unrestricted resource consumption', () => {
  it('1,000 calls at once at a limit of 100: exactly 100 pass', () => {
    const limit = limitWith(operations, [limitRule({ rate: { rate: 100, windowMs: 60_000, burst: 100 } })])
    const passed = Array.from({ length: 1000 }, () => passes(limit, {})).filter(Boolean)
    assert.equal(passed.length, 100)
  })

  it('a caller is issuer and subject: no new token, address or client gains budget', () => {
    const limit = limitWith(operations, [limitRule({ rate: once })])
    assert.ok(passes(limit, { principal: makePrincipal('1') }))
    const again = [
      { credential: 'another' },
      { client: 'other-app' },
      { kind: 'opaque' as const },
      { roles: ['vip'], scopes: ['all'], amr: ['mfa'] },
      { expires: 9 },
    ]
    for (const more of again) assert.ok(!passes(limit, { principal: makePrincipal('1', more) }))
    assert.ok(!passes(limit, { principal: makePrincipal('1'), client: '198.51.100.9' }))
    assert.ok(!passes(limit, { principal: makePrincipal('1'), channel: { protocol: '2' } }))
    assert.ok(passes(limit, { principal: makePrincipal('1', { issuer: 'corp' }) }))
    assert.ok(passes(limit, { principal: makePrincipal('2') }))
  })

  it('names that run together are not one another', () => {
    const limit = limitWith(operations, [limitRule({ rate: once })])
    const callers = [
      ['a', 'bc'],
      ['ab', 'c'],
      ['abc', ''],
      ['a', 'b:c'],
      ['a:b', 'c'],
      ['a', 's1:c'],
      ['A', 'bc'],
      ['a', 'bc '],
    ] as const
    for (const [issuer, sub] of callers)
      assert.ok(passes(limit, { principal: makePrincipal(sub, { issuer }) }))
    assert.ok(!passes(limit, { principal: makePrincipal('bc', { issuer: 'a' }) }))
  })

  it('an anonymous caller is a network: rotating inside an IPv6 /64 gains nothing', () => {
    for (const per of ['caller', 'client', 'ip']) {
      const limit = limitWith(operations, [limitRule({ rate: once, per: [per] })])
      const from = (client: string) => passes(limit, { principal: anonymous, client })
      assert.ok(from('2001:db8:1:2::1'))
      for (let i = 2; i < 100; i++) assert.ok(!from(`2001:db8:1:2:${i.toString(16)}::${i.toString(16)}`))
      assert.ok(from('2001:db8:1:3::1'))
      assert.ok(from('192.0.2.1'))
      assert.ok(!from('::ffff:192.0.2.1'))
      assert.ok(from('192.0.2.2'))
    }
  })

  it('an address does not spend the budget of a caller, nor a caller that of an address', () => {
    const limit = limitWith(operations, [limitRule({ rate: once })])
    assert.ok(passes(limit, { principal: anonymous, client: '192.0.2.1' }))
    assert.ok(passes(limit, { principal: makePrincipal('192.0.2.1', { issuer: '' }), client: '192.0.2.2' }))
    assert.ok(passes(limit, { principal: makePrincipal('1'), client: '192.0.2.1' }))
  })

  it('an account is not another account in other letters', () => {
    const limit = limitWith(operations, [limitRule({ operations: [1], per: ['body.username'], rate: once })])
    assert.ok(signIn(limit, { username: 'ada@example.com' }))
    for (const username of ['ADA@example.com', ' ada@example.com ', 'Ada@Example.COM', 'ａｄａ@example.com'])
      assert.ok(!signIn(limit, { username }), username)
    assert.ok(signIn(limit, { username: 'eve@example.com' }))
    assert.ok(signIn(limit, { username: 'x'.repeat(100_000) }))
    assert.ok(!signIn(limit, { username: 'x'.repeat(100_000) }))
    assert.ok(signIn(limit, { username: 'x'.repeat(100_001) }))
  })

  it('leaving the key out, or sending what is no key, is one more account, not a way around', () => {
    const limit = limitWith(operations, [limitRule({ operations: [1], per: ['body.username'], rate: once })])
    assert.ok(signIn(limit, {}))
    for (const body of [
      undefined,
      null,
      [],
      { username: null },
      { username: ['ada'] },
      { username: { $ne: 1 } },
    ])
      assert.ok(!signIn(limit, body), JSON.stringify(body))
    assert.ok(signIn(limit, { username: 'ada' }))
  })

  it('random headers, paths and queries never change whose budget is spent', () => {
    const header = fc.tuple(
      fc.constantFrom(
        'x-forwarded-for',
        'forwarded',
        'x-real-ip',
        'true-client-ip',
        'host',
        'cookie',
        'user-agent',
      ),
      fc.string(),
    )
    fc.assert(
      fc.property(
        fc.array(header, { maxLength: 5 }),
        fc.array(fc.record({ name: fc.string(), value: fc.string() }), { maxLength: 5 }),
        fc.string(),
        fc.constantFrom<'caller' | 'client' | 'ip'>('caller', 'client', 'ip'),
        (headers, pairs, userId, per) => {
          const limit = limitWith(operations, [limitRule({ rate: once, per: [per] })])
          assert.ok(passes(limit, { params: { userId: '1' } }))
          const fields = headers.flat()
          assert.ok(!passes(limit, { fields, pairs, params: { userId } }))
          assert.ok(
            passes(limit, {
              fields,
              pairs,
              principal: makePrincipal('9', { client: 'b' }),
              client: '192.0.2.9',
            }),
          )
        },
      ),
      { numRuns: 500 },
    )
  })
})
