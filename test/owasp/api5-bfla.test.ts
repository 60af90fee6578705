import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { anonymous } from '../../src/kernel/principal.ts'
import { isDenied } from '../../src/kernel/verdict.ts'
import { authorizeWith, policyPlace as place } from '../support/authorize-with.ts'
import { makeCall, makeOperation, makePrincipal } from '../support/make-call.ts'

// OWASP API5:2023, ASVS 8.2.1: each operation has its own permission, and none is inherited.

const bearer = [{ scheme: 'bearerAuth', scopes: ['trips'] }]
const read = makeOperation(0, 'GET /v2/trips/{tripId}', { security: [bearer] })
const remove = makeOperation(1, 'DELETE /v2/trips/{tripId}', { security: [bearer] })
const old = makeOperation(2, 'GET /v1/trips/{tripId}', { security: [] })
const users = makeOperation(3, 'GET /v2/admin/users', { security: [bearer], tags: ['admin'] })
const login = makeOperation(4, 'POST /v2/login', { security: [], hasBody: true })
const all = [read, remove, old, users, login]

const authorize = authorizeWith(all, {
  open: new Set([4]),
  functions: [
    { operations: [1], allow: "'agent' in caller.roles", place },
    { operations: [3], allow: "'admin' in caller.roles", place },
  ],
})

const user = makePrincipal('1', { scopes: ['trips'], roles: ['user'] })
const codeOf = (operation: typeof read, principal = user): string => {
  const outcome = authorize.run(makeCall(operation, { principal }))
  return isDenied(outcome) ? outcome.code : 'passes'
}

describe('API5 broken function-level authorization (Z03)', () => {
  it('the right to read is not the right to delete', () => {
    assert.equal(codeOf(read), 'passes')
    assert.equal(codeOf(remove), 'AUTHORIZE_FUNCTION')
    assert.equal(codeOf(remove, { ...user, roles: ['agent'] }), 'passes')
  })
  it('an old version that nobody secured is closed', () => {
    assert.equal(codeOf(old), 'AUTHORIZE_FUNCTION')
    assert.equal(codeOf(old, { ...user, roles: ['admin'] }), 'AUTHORIZE_FUNCTION')
  })
  it('an administrative operation asks for the role, not for what looks like it', () => {
    assert.equal(codeOf(users), 'AUTHORIZE_FUNCTION')
    for (const roles of [['Admin'], ['ADMIN'], ['administrator'], ['admin '], ['not-admin'], ['user,admin']])
      assert.equal(codeOf(users, { ...user, roles }), 'AUTHORIZE_FUNCTION', roles.join())
    assert.equal(codeOf(users, { ...user, roles: ['user', 'admin'] }), 'passes')
  })
  it('a role does not replace a scope, nor a scope a role', () => {
    assert.equal(codeOf(users, { ...user, roles: ['admin'], scopes: [] }), 'AUTHORIZE_SCOPE')
    assert.equal(codeOf(users, { ...user, scopes: ['trips', 'admin'] }), 'AUTHORIZE_FUNCTION')
  })
  it('an anonymous caller reaches what is declared public, and nothing else', () => {
    assert.deepEqual(
      all.map((operation) => codeOf(operation, anonymous)),
      ['IDENTIFY_REQUIRED', 'IDENTIFY_REQUIRED', 'AUTHORIZE_FUNCTION', 'IDENTIFY_REQUIRED', 'passes'],
    )
  })
})
