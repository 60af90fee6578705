import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDenied } from '../../src/kernel/verdict.ts'
import type { ObjectRule } from '../../src/stages/authorize/options.ts'
import { authorizeWith, policyPlace } from '../support/authorize-with.ts'
import { makeCall, makeInspected, makeOperation, makePrincipal } from '../support/make-call.ts'

// ASVS 8.4.1: tenants agree in token, host, path and body. ASVS 8.3.3 and RFC 8693 section 4.1: the decision is about
// the original subject, and each actor is checked. Both are object and function rules; no key of their own.

const file = makeOperation(0, 'PUT /tenants/{tenant}/files/{fileId}', { hasBody: true })
const tenant = 'caller.claims.tenant'
const rule = (name: string, more: Partial<ObjectRule>): ObjectRule => ({
  name,
  id: 'path.tenant',
  owner: 'path.tenant',
  allow: undefined,
  subject: tenant,
  operations: [0],
  place: policyPlace,
  ...more,
})

function claims(more: Record<string, unknown>): Readonly<Record<string, unknown>> {
  return Object.assign(Object.create(null) as Record<string, unknown>, more)
}

describe('tenants agree in token, host, path and body (Z06)', () => {
  const authorize = authorizeWith([file], {
    objects: [
      rule('tenant', {}),
      rule('tenant-host', {
        id: 'request.host',
        owner: undefined,
        allow: `request.host == ${tenant} + '.api.example'`,
      }),
      rule('tenant-body', { id: 'body.tenant', owner: 'body.tenant' }),
    ],
  })
  const run = (token: unknown, host: string, path: string, body: unknown): string => {
    const principal = makePrincipal('123', { claims: claims(token === undefined ? {} : { tenant: token }) })
    const call = {
      ...makeCall(file, { principal, params: { tenant: path, fileId: 'f' } }),
      authority: host,
    }
    const head = authorize.run(call)
    if (isDenied(head)) return head.code
    const grant = authorize.runInput(makeInspected(call, { tenant: body }, head))
    assert.ok(!(grant instanceof Promise))
    return isDenied(grant) ? grant.code : 'passes'
  }

  it('all four', () => {
    assert.equal(run('t1', 't1.api.example', 't1', 't1'), 'passes')
    assert.equal(run('t1', 't1.api.example:8443', 't1', 't1'), 'passes')
    for (const [token, host, path, body] of [
      ['t2', 't1', 't1', 't1'],
      ['t1', 't2', 't1', 't1'],
      ['t1', 't1', 't2', 't1'],
      ['t1', 't1', 't1', 't2'],
      ['t1', 't1', 'T1', 't1'],
      ['t1', 't1', 't1', ['t1']],
      ['t1', 't1', 't1', undefined],
      [undefined, 't1', 't1', 't1'],
      ['', '', '', ''],
      [['t1'], 't1', 't1', 't1'],
    ] as const)
      assert.equal(
        run(token, `${host}.api.example`, path, body),
        'AUTHORIZE_OBJECT',
        JSON.stringify([token, host, path, body]),
      )
  })
})

describe('groups and delegation (Z07)', () => {
  const shared = makeOperation(0, 'GET /users/{userId}/files')
  const run = (expression: string, more: Record<string, unknown>, sub = '123'): boolean => {
    const authorize = authorizeWith([shared], {
      objects: [
        rule('files', { id: 'path.userId', owner: undefined, subject: 'caller.sub', allow: expression }),
      ],
      functions: [],
    })
    const principal = makePrincipal(sub, { claims: claims({ sub, ...more }) })
    return !isDenied(authorize.run(makeCall(shared, { principal, params: { userId: '123' } })))
  }

  it('member of', () => {
    const member = "('family:' + path.userId) in caller.claims.groups"
    assert.equal(run(member, { groups: ['family:123'] }, '456'), true)
    assert.equal(run(member, { groups: ['family:12'] }, '456'), false)
    assert.equal(run(member, { groups: 'family:123' }, '456'), false, 'a text is no list')
    assert.equal(run(member, {}, '456'), false)
  })

  it('the subject owns it, and every actor is one that may act', () => {
    const agents = "caller.claims.act.sub in ['agent', 'broker']"
    const delegated = `path.userId == caller.sub && (!has(caller.claims.act) || (${agents} && (!has(caller.claims.act.act) || caller.claims.act.act.sub == 'broker')))`
    assert.equal(run(delegated, {}), true, 'nobody acts for the subject')
    assert.equal(run(delegated, { act: { sub: 'agent' } }), true)
    assert.equal(run(delegated, { act: { sub: 'agent', act: { sub: 'broker' } } }), true)
    assert.equal(run(delegated, { act: { sub: 'thief' } }), false)
    assert.equal(run(delegated, { act: { sub: 'agent', act: { sub: 'thief' } } }), false)
    assert.equal(run(delegated, { act: {} }), false, 'an actor without a name is none that may')
    assert.equal(run(delegated, { act: { sub: '123' } }, '456'), false, 'an actor is not the subject')
  })
})
