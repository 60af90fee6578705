import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { authorizeWith, policyPlace as place } from '../../../test/support/authorize-with.ts'
import { makeOperation } from '../../../test/support/make-call.ts'
import { objectLikeParameters } from './object-like.ts'
import type { ObjectRule, SchemePolicy } from './options.ts'

const profile: ObjectRule = {
  name: 'profile',
  id: 'path.userId',
  owner: 'path.userId',
  allow: undefined,
  operations: undefined,
  place,
}

describe('open doors', () => {
  it('an object-like parameter without rule is named', () => {
    const operations = [
      makeOperation(0, 'GET /users/{userId}/bookings/{bookingId}'),
      makeOperation(1, 'GET /bookings', { query: ['userId', 'page'] }),
      makeOperation(2, 'GET /admin/users/{userId}'),
      makeOperation(3, 'GET /hotels/{slug}', { security: [] }),
    ]
    const authorize = authorizeWith(operations, {
      open: new Set([3]),
      functions: [{ operations: [2], allow: "'admin' in caller.roles", place }],
      objects: [{ ...profile, operations: [0] }],
    })
    assert.deepEqual(
      authorize.findings.map((finding) => `${finding.severity} ${finding.message.split(' and no ')[0]}`),
      [
        'warning GET /users/{userId}/bookings/{bookingId} names an object by path.bookingId,',
        'warning GET /bookings names an object by query.userId,',
        'note GET /admin/users/{userId} names an object by path.userId,',
        'note GET /hotels/{slug} names an object by path.slug,',
      ],
    )
    assert.deepEqual(authorize.guards.get(0), {
      scope: 'contract',
      functions: 0,
      objects: ['profile'],
      reads: [],
      writes: [],
    })
  })
  it('object-like parameters by name and by place', () => {
    const names = (line: `GET /${string}`, query: readonly string[] = []) =>
      objectLikeParameters(makeOperation(0, line, { query })).map((parameter) => parameter.name)
    assert.deepEqual(names('GET /users/{id}'), ['id'])
    assert.deepEqual(names('GET /orders/{order}'), ['order'])
    assert.deepEqual(names('GET /x/{user_id}/{doc-uuid}'), ['user_id', 'doc-uuid'])
    assert.deepEqual(names('GET /reports/{year}'), [])
    assert.deepEqual(names('GET /{version}/ping'), [])
    assert.deepEqual(names('GET /search', ['q', 'page', 'limit', 'clientId', 'hotelId']), ['hotelId'])
  })
  it('equal subjects of two issuers are named', () => {
    const read = makeOperation(0, 'GET /users/{userId}')
    const schemes = new Map<string, SchemePolicy>([
      ['bearerAuth', { issuers: new Set(['travel', 'corp']), certificate: false, names: 'scopes' }],
    ])
    assert.equal(
      authorizeWith([read], { schemes, objects: [profile] }).findings[0]?.rule,
      'open-door.shared-subjects',
    )
    assert.deepEqual(
      authorizeWith([read], { schemes, objects: [{ ...profile, issuers: ['corp'] }] }).findings,
      [],
    )
  })
})
