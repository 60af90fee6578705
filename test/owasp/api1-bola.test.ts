import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { refuse } from '../../src/gateway/refuse.ts'
import { anonymous } from '../../src/kernel/principal.ts'
import { isDenied } from '../../src/kernel/verdict.ts'
import type { ObjectRule } from '../../src/stages/authorize/options.ts'
import { authorizeWith, policyPlace } from '../support/authorize-with.ts'
import { makeCall, makeInspected, makeOperation, makePrincipal } from '../support/make-call.ts'

// OWASP API1:2023, the form in which the request itself says whose object it is.

function rule(name: string, id: string, more: Partial<ObjectRule> = {}): ObjectRule {
  return { name, id, owner: id, allow: undefined, operations: undefined, place: policyPlace, ...more }
}

const profile = makeOperation(0, 'GET /api/v1/users/{userId}/profile')
const list = makeOperation(1, 'GET /api/v1/bookings', { query: ['userId'] })
const header = makeOperation(2, 'GET /api/v1/me')
const cookie = makeOperation(3, 'GET /api/v1/cart')
const create = makeOperation(4, 'POST /api/v1/bookings', { hasBody: true })
const batch = makeOperation(5, 'POST /api/v1/batch', { hasBody: true })
const mapped = makeOperation(6, 'POST /api/v1/shares', { hasBody: true })

const authorize = authorizeWith([profile, list, header, cookie, create, batch, mapped], {
  objects: [
    rule('profile', 'path.userId'),
    rule('bookings', 'query.userId'),
    rule('me', "header['X-User-Id']", { operations: [2] }),
    rule('cart', 'cookie.user', { operations: [3] }),
    rule('booking', 'body.traveller.id', { operations: [4] }),
    rule('batch', 'body.items[*].userId', { operations: [5] }),
    rule('share', 'body.shares.map(s, s.from)', { operations: [6] }),
  ],
})

const me = { principal: makePrincipal('123') }
const codeOf = (outcome: object): string => (isDenied(outcome) ? outcome.code : 'passes')
const readProfile = (userId: string): string =>
  codeOf(authorize.run(makeCall(profile, { ...me, params: { userId } })))
const query = (...values: readonly string[]): string =>
  codeOf(authorize.run(makeCall(list, { ...me, pairs: values.map((value) => ({ name: 'userId', value })) })))
const withBody = (operation: typeof create, value: unknown): string => {
  const call = makeCall(operation, me)
  const grant = authorize.run(call)
  return isDenied(grant) ? grant.code : codeOf(authorize.runInput(makeInspected(call, value, grant)))
}

const foreign = 'AUTHORIZE_OBJECT'

describe('API1 broken object-level authorization: ids in the request (Z01, Z02)', () => {
  it('user 123 reads their own profile, and not that of 456', () => {
    assert.equal(readProfile('123'), 'passes')
    assert.equal(readProfile('456'), foreign)
  })

  it('an id that looks like mine is not mine', () => {
    const lookalikes = [
      '0123',
      '123.0',
      '+123',
      ' 123',
      '123 ',
      '123\t',
      '123\n',
      '123\0',
      '"123"',
      '[123]',
      '{"$ne":null}',
      '123,456',
      '１２３',
      '1.23e2',
      '0x7b',
      '123;456',
      '123/456',
      '123%00',
      '',
    ]
    for (const id of lookalikes) {
      assert.equal(readProfile(id), foreign, JSON.stringify(id))
      assert.equal(query(id), foreign, JSON.stringify(id))
      assert.equal(withBody(create, { traveller: { id } }), foreign, JSON.stringify(id))
    }
    const uuid = 'a3bb189e-8bf9-3888-9912-ace4e6543002'
    const owner = { principal: makePrincipal(uuid) }
    const of = (userId: string) => codeOf(authorize.run(makeCall(profile, { ...owner, params: { userId } })))
    assert.equal(of(uuid), 'passes')
    for (const id of [uuid.toUpperCase(), `{${uuid}}`, `urn:uuid:${uuid}`, uuid.replaceAll('-', '')])
      assert.equal(of(id), foreign, id)
  })

  it('a repeated parameter passes only where all are mine; an absent one does not pass', () => {
    assert.equal(query('123'), 'passes')
    assert.equal(query('123', '123'), 'passes')
    assert.equal(query('123', '456'), foreign)
    assert.equal(query('456', '123'), foreign)
    assert.equal(query(), foreign)
  })

  it('header and cookie', () => {
    const sent = (fields: readonly string[], operation = header) =>
      codeOf(authorize.run(makeCall(operation, { ...me, fields })))
    assert.equal(sent(['x-user-id', '123']), 'passes')
    assert.equal(sent(['x-user-id', '456']), foreign)
    assert.equal(sent(['x-user-id', '123', 'x-user-id', '456']), foreign)
    assert.equal(sent(['x-user-id', '123, 456']), foreign)
    assert.equal(sent([]), foreign)
    assert.equal(sent(['cookie', 'a=b; user=123'], cookie), 'passes')
    assert.equal(sent(['cookie', 'user=123; user=456'], cookie), foreign)
    assert.equal(sent(['cookie', 'user=123', 'cookie', 'user=456'], cookie), foreign)
    assert.equal(sent(['cookie', 'USER=123'], cookie), foreign)
  })

  it('in a body: a value of another type is not my id', () => {
    assert.equal(withBody(create, { traveller: { id: '123' } }), 'passes')
    assert.equal(withBody(create, { traveller: { id: 123 } }), 'passes')
    for (const id of ['456', 456, [123], ['123'], { $ne: null }, { $eq: '123' }, null, true, undefined, 1.5])
      assert.equal(withBody(create, { traveller: { id } }), foreign, JSON.stringify(id))
    for (const body of [undefined, null, '123', [], {}, { traveller: '123' }, { traveller: null }])
      assert.equal(withBody(create, body), foreign, JSON.stringify(body))
    const inherited: unknown = Object.create({ traveller: { id: '123' } })
    assert.equal(withBody(create, inherited), foreign)
  })

  it('in a batch one foreign id refuses all', () => {
    const items = (...ids: readonly unknown[]) => ({ items: ids.map((userId) => ({ userId })) })
    assert.equal(withBody(batch, items('123', '123')), 'passes')
    assert.equal(withBody(batch, items('123', '456', '123')), foreign)
    assert.equal(withBody(batch, items('123', ['123'])), foreign)
    assert.equal(withBody(batch, { items: [{ userId: '123' }, {}] }), foreign)
    assert.equal(withBody(batch, { items: { 0: { userId: '123' } } }), foreign)
    const shares = (...from: readonly unknown[]) => ({ shares: from.map((id) => ({ from: id })) })
    assert.equal(withBody(mapped, shares('123', '123')), 'passes')
    assert.equal(withBody(mapped, shares('123', '456')), foreign)
  })

  it('beyond 2^53 a number stands for several ids and is none', () => {
    const owner = { principal: makePrincipal('9007199254740992') }
    const call = makeCall(create, owner)
    const sent = (id: unknown) => codeOf(authorize.runInput(makeInspected(call, { traveller: { id } })))
    assert.equal(sent(JSON.parse('9007199254740993')), foreign)
    assert.equal(sent('9007199254740992'), 'passes')
    assert.equal(sent(9007199254740992n), 'passes')
  })

  it('nobody owns an object with an empty id', () => {
    const open = authorizeWith([{ ...profile, security: [] }], {
      open: new Set([0]),
      objects: [rule('profile', 'path.userId')],
    })
    for (const userId of ['', '123'])
      assert.equal(codeOf(open.run(makeCall(profile, { principal: anonymous, params: { userId } }))), foreign)
  })

  it('no refusal tells whether the object exists, who owns it or what was sent', () => {
    const refusal = authorize.run(makeCall(profile, { ...me, params: { userId: 'secret-id' } }))
    assert.ok(isDenied(refusal))
    assert.ok(!JSON.stringify({ ...refusal, objects: undefined }).includes('secret-id'))
    assert.ok(!String(refuse(refusal, 'r-1', true).body).includes('secret-id'))
    assert.equal(refusal.fields, undefined)
  })

  it('observe lets it pass and writes it down', () => {
    const watching = authorizeWith([profile], {
      modes: { scope: 'enforce', function: 'enforce', object: 'observe', property: 'enforce' },
      objects: [rule('profile', 'path.userId')],
    })
    const call = makeCall(profile, { ...me, params: { userId: '456' } })
    assert.deepEqual(watching.run(call), { objects: [{ type: 'profile', id: '456' }] })
    assert.deepEqual(
      call.trail.notes.filter((note) => note.verdict === 'deny').map((note) => [note.code, note.observed]),
      [['AUTHORIZE_OBJECT', true]],
    )
  })

  it('holds for any id: what passes equals the subject', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), fc.anything(), (sub, id, body) => {
        const principal = makePrincipal(sub)
        const byPath = authorize.run(makeCall(profile, { principal, params: { userId: id } }))
        assert.equal(isDenied(byPath), id !== sub)
        const call = makeCall(create, { principal })
        const byBody = authorize.runInput(makeInspected(call, { traveller: { id: body } }))
        if (!isDenied(byBody)) assert.equal(String(body), sub)
      }),
      { numRuns: 2000 },
    )
  })
})
