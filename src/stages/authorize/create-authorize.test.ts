import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { authorizeWith, policyPlace as place } from '../../../test/support/authorize-with.ts'
import { makeCall, makeInspected, makeOperation, makePrincipal } from '../../../test/support/make-call.ts'
import { Unusable } from '../../kernel/finding.ts'
import { anonymous } from '../../kernel/principal.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import type { ObjectRule, SchemePolicy } from './options.ts'

const profile: ObjectRule = {
  name: 'profile',
  id: 'path.userId',
  owner: 'path.userId',
  allow: undefined,
  operations: undefined,
  place,
}

function denied(outcome: object): Denial {
  assert.ok(isDenied(outcome), 'was allowed')
  return outcome
}

function allowed(outcome: object): void {
  assert.ok(!isDenied(outcome), isDenied(outcome) ? outcome.reason : '')
}

function problemsOf(make: () => unknown): readonly string[] {
  try {
    make()
  } catch (thrown) {
    assert.ok(thrown instanceof Unusable, String(thrown))
    return thrown.findings.map((finding) => finding.message)
  }
  return assert.fail('compiled')
}

describe('scopes of the contract', () => {
  const read = makeOperation(0, 'GET /trips', {
    security: [[{ scheme: 'bearerAuth', scopes: ['trips:read', 'user'] }]],
  })
  it('all scopes of the alternative, else 403 with the challenge of RFC 6750', () => {
    const authorize = authorizeWith([read])
    const some = makeCall(read, { principal: makePrincipal('1', { scopes: ['trips:read'] }) })
    const refusal = denied(authorize.run(some))
    assert.equal(refusal.code, 'AUTHORIZE_SCOPE')
    assert.deepEqual(refusal.fields, [
      'WWW-Authenticate',
      'Bearer error="insufficient_scope", scope="trips:read user"',
    ])
    allowed(
      authorize.run(makeCall(read, { principal: makePrincipal('1', { scopes: ['user', 'trips:read'] }) })),
    )
  })
  it('scopes are compared whole', () => {
    const authorize = authorizeWith([read])
    for (const scopes of [
      ['trips:read user'],
      ['TRIPS:READ', 'user'],
      ['trips:rea', 'user'],
      ['trips:read*', 'user'],
    ])
      denied(authorize.run(makeCall(read, { principal: makePrincipal('1', { scopes }) })))
  })
  it('any one alternative is enough, but only one whose scheme takes the issuer', () => {
    const either = makeOperation(0, 'GET /trips', {
      security: [[{ scheme: 'staff', scopes: [] }], [{ scheme: 'bearerAuth', scopes: ['trips:read'] }]],
    })
    const staff: SchemePolicy = { issuers: new Set(['corp']), certificate: false, names: 'scopes' }
    const bearer: SchemePolicy = { issuers: new Set(['travel']), certificate: false, names: 'scopes' }
    const authorize = authorizeWith([either], {
      schemes: new Map([
        ['staff', staff],
        ['bearerAuth', bearer],
      ]),
    })
    assert.equal(denied(authorize.run(makeCall(either))).code, 'AUTHORIZE_SCOPE')
    allowed(authorize.run(makeCall(either, { principal: makePrincipal('1', { issuer: 'corp' }) })))
    const stranger = makeCall(either, {
      principal: makePrincipal('1', { issuer: 'other', scopes: ['trips:read'] }),
    })
    assert.equal(denied(authorize.run(stranger)).code, 'AUTHORIZE_FUNCTION')
    assert.equal(denied(authorize.run(makeCall(either, { principal: anonymous }))).code, 'IDENTIFY_REQUIRED')
  })
  it('schemes joined by "and" must all be satisfied', () => {
    const device = makeOperation(0, 'POST /telemetry', {
      security: [
        [
          { scheme: 'bearerAuth', scopes: [] },
          { scheme: 'mtls', scopes: [] },
        ],
      ],
    })
    const authorize = authorizeWith([device], {
      schemes: new Map<string, SchemePolicy>([
        ['bearerAuth', { issuers: new Set(['travel']), certificate: false, names: 'scopes' }],
        ['mtls', { issuers: new Set(), certificate: true, names: 'scopes-or-roles' }],
      ]),
    })
    denied(authorize.run(makeCall(device)))
    allowed(authorize.run(makeCall(device, { channel: { certificate: new Uint8Array([1]) } })))
  })
  it('a scheme that nobody mapped satisfies nobody', () => {
    const odd = makeOperation(0, 'GET /trips', { security: [[{ scheme: 'unmapped', scopes: [] }]] })
    denied(authorizeWith([odd]).run(makeCall(odd)))
  })
  it('names beside a scheme that has no scopes may be roles', () => {
    const roles = new Map<string, SchemePolicy>([
      ['bearerAuth', { issuers: new Set(['travel']), certificate: false, names: 'scopes-or-roles' }],
    ])
    const authorize = authorizeWith([read], { schemes: roles })
    allowed(
      authorize.run(
        makeCall(read, { principal: makePrincipal('1', { scopes: ['trips:read'], roles: ['user'] }) }),
      ),
    )
  })
  it('observe writes it down and lets it pass; off does not ask; neither lets a stranger in', () => {
    for (const scope of ['observe', 'off'] as const) {
      const authorize = authorizeWith([read], {
        modes: { scope, function: 'enforce', object: 'enforce', property: 'enforce' },
      })
      const call = makeCall(read)
      allowed(authorize.run(call))
      assert.equal(call.trail.notes.filter((note) => note.observed).length, scope === 'observe' ? 1 : 0)
      denied(authorize.run(makeCall(read, { principal: makePrincipal('1', { issuer: 'other' }) })))
      denied(authorize.run(makeCall(read, { principal: anonymous })))
    }
  })
})

describe('functions', () => {
  const users = makeOperation(0, 'GET /admin/users')
  const remove = makeOperation(1, 'POST /admin/remove', { hasBody: true })
  it('every matching rule must allow', () => {
    const authorize = authorizeWith([users], {
      functions: [
        { operations: [0], allow: "'admin' in caller.roles", place },
        { operations: [0], allow: "'mfa' in caller.amr", place },
      ],
    })
    denied(authorize.run(makeCall(users)))
    denied(authorize.run(makeCall(users, { principal: makePrincipal('1', { roles: ['admin'] }) })))
    allowed(
      authorize.run(makeCall(users, { principal: makePrincipal('1', { roles: ['admin'], amr: ['mfa'] }) })),
    )
  })
  it('a condition that cannot be evaluated denies and says so on record alone', () => {
    const authorize = authorizeWith([users], {
      functions: [{ operations: [0], allow: "caller.claims.tenant == 'a'", place }],
    })
    const call = makeCall(users)
    const refusal = denied(authorize.run(call))
    assert.equal(refusal.code, 'AUTHORIZE_FUNCTION')
    assert.match(refusal.reason, /could not be evaluated: missing/)
    assert.equal(call.trail.notes.at(-1)?.verdict, 'deny')
  })
  it('a rule over the body is judged once the body is', () => {
    const authorize = authorizeWith([remove], {
      functions: [{ operations: [1], allow: "body.reason != ''", place }],
    })
    assert.equal(authorize.needsInput(remove), true)
    const call = makeCall(remove)
    allowed(authorize.run(call))
    allowed(authorize.runInput(makeInspected(call, { reason: 'x' })))
    denied(authorize.runInput(makeInspected(call, { reason: '' })))
    denied(authorize.runInput(makeInspected(call, {})))
    denied(authorize.runInput(makeInspected(call, undefined)))
  })
  it('observe and off', () => {
    const functions = [{ operations: [0], allow: 'false', place }]
    for (const mode of ['observe', 'off'] as const) {
      const call = makeCall(users)
      allowed(
        authorizeWith([users], {
          functions,
          modes: { scope: 'enforce', function: mode, object: 'enforce', property: 'enforce' },
        }).run(call),
      )
      assert.equal(
        call.trail.notes.some((note) => note.observed && note.verdict === 'deny'),
        mode === 'observe',
      )
    }
  })
})

describe('an operation that nothing speaks for', () => {
  const silent = makeOperation(0, 'GET /internal', { security: [] })
  it('is closed, also for callers with a credential', () => {
    const authorize = authorizeWith([silent])
    for (const principal of [anonymous, makePrincipal('1')])
      assert.equal(denied(authorize.run(makeCall(silent, { principal }))).code, 'AUTHORIZE_FUNCTION')
  })
  it('is open where that is written', () => {
    allowed(authorizeWith([silent], { open: new Set([0]) }).run(makeCall(silent, { principal: anonymous })))
  })
  it('is as open as a function rule makes it', () => {
    const authorize = authorizeWith([silent], {
      functions: [{ operations: [0], allow: "request.ip == '192.0.2.1'", place }],
    })
    allowed(authorize.run(makeCall(silent, { principal: anonymous })))
    denied(authorize.run(makeCall(silent, { principal: anonymous, client: '192.0.2.2' })))
  })
  it('an operation without a plan is refused', () => {
    denied(authorizeWith([silent]).run(makeCall(makeOperation(7, 'GET /other'))))
  })
})

describe('objects', () => {
  const read = makeOperation(0, 'GET /users/{userId}/profile')
  const bookings = makeOperation(1, 'GET /users/{userId}/bookings/{bookingId}')
  it('apply to every operation with the parameter, and go into the grant', () => {
    const authorize = authorizeWith([read, bookings], { objects: [profile] })
    assert.deepEqual(authorize.run(makeCall(read, { params: { userId: '123' } })), {
      objects: [{ type: 'profile', id: '123' }],
    })
    denied(authorize.run(makeCall(bookings, { params: { userId: '456', bookingId: 'b' } })))
    allowed(authorize.run(makeCall(bookings, { params: { userId: '123', bookingId: 'b' } })))
  })
  it('an exception lets others in, with the object in view', () => {
    const authorize = authorizeWith([read], {
      objects: [{ ...profile, allow: "'agent' in caller.roles && object.owner != '1'" }],
    })
    const agent = makePrincipal('9', { roles: ['agent'] })
    allowed(authorize.run(makeCall(read, { principal: agent, params: { userId: '456' } })))
    denied(authorize.run(makeCall(read, { principal: agent, params: { userId: '1' } })))
  })
  it('another owner than the id, another subject than sub, one issuer alone', () => {
    const account: ObjectRule = {
      ...profile,
      name: 'booking',
      id: 'path.bookingId',
      subject: 'caller.claims.account',
    }
    const authorize = authorizeWith([bookings], { objects: [account] })
    const claims = Object.assign(Object.create(null) as Record<string, unknown>, { account: 'acc' })
    const holder = makePrincipal('123', { claims })
    allowed(
      authorize.run(makeCall(bookings, { principal: holder, params: { userId: 'acc', bookingId: 'b' } })),
    )
    denied(
      authorize.run(makeCall(bookings, { principal: holder, params: { userId: '123', bookingId: 'b' } })),
    )
    denied(authorize.run(makeCall(bookings, { params: { userId: '123', bookingId: 'b' } })))
    const strict = authorizeWith([read], { objects: [{ ...profile, issuers: ['corp'] }] })
    denied(strict.run(makeCall(read, { params: { userId: '123' } })))
    const either = authorizeWith([read], { objects: [{ ...profile, issuers: ['corp', 'travel'] }] })
    allowed(either.run(makeCall(read, { params: { userId: '123' } })))
  })
  it('misuse stops the start, all of it named', () => {
    const rules: readonly (readonly [Partial<ObjectRule>, RegExp])[] = [
      [{ owner: undefined }, /needs "owner" or "allow"/],
      [{ id: 'path.nothing' }, /no operation has path.nothing/],
      [{ id: 'body.userId' }, /needs "for"/],
      [{ id: 'body.userId', operations: [0] }, /"body" is not known here/],
      [{ id: 'path.userID', operations: [0] }, /unknown field "path.userID"/],
      [{ owner: 'response.userId' }, /needs "read"/],
      [{ owner: 'caller.roles' }, /must be text/],
      [{ allow: 'caller.sub' }, /must be true or false/],
    ]
    for (const [more, message] of rules) {
      const [problem] = problemsOf(() => authorizeWith([read], { objects: [{ ...profile, ...more }] }))
      assert.match(problem ?? '', message)
    }
    const both = problemsOf(() =>
      authorizeWith([read], {
        functions: [{ operations: [0], allow: 'nosuch', place }],
        objects: [{ ...profile, owner: undefined }],
      }),
    )
    assert.equal(both.length, 2)
  })
})
