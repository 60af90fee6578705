import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ocsfFlaws, ocsfSchema } from '../../../../test/support/ocsf-schema.ts'
import type { AuditEvent } from '../../../kernel/event.ts'
import { stopped } from '../stopped.ts'
import { ocsfEventOf } from './ocsf-event.ts'
import { ocsfVersion } from './ocsf-parts.ts'

type Members = Readonly<Record<string, unknown>>

const call = (more: Partial<AuditEvent>): AuditEvent => ({
  ...stopped(1),
  method: 'GET',
  path: '/things/1',
  api: 'things',
  operation: 'readThing',
  address: '192.0.2.1',
  peer: '192.0.2.1',
  protocol: '1.1',
  ...more,
})

const byAnn = { api: 'sallyport', method: 'POST', sub: 'ann', issuer: 'authority' }
const roles = { api: 'authority', operation: 'account.roles-changed', sub: '1', method: '' }

test('calls, sign-ins, account changes, administration and findings are valid by the published schema', () => {
  const events = [
    call({
      issuer: 'main',
      sub: '123',
      credential: 'abc',
      client: 'app',
      objects: [{ type: 'thing', id: '1' }],
    }),
    call({ status: 403, code: 'AUTHORIZE_OBJECT', reason: 'not the owner', peer: '10.0.0.1' }),
    call({ api: '', operation: '', path: '', method: 'BREW', address: '' }),
    call({ method: 'POST' }),
    call({ method: 'DELETE', traceId: '0'.repeat(32), upstreamStatus: 204 }),
    stopped(2),
    call({ api: 'authority', operation: 'account.sign-in', sub: '1', method: '' }),
    call({
      api: 'authority',
      operation: 'account.sign-in-failed',
      code: 'IDENTIFY_TOKEN_INVALID',
      status: 401,
    }),
    call({ api: 'authority', operation: 'account.sessions-ended', sub: '1' }),
    call({ api: 'authority', operation: 'account.totp-added', sub: '1' }),
    call({ api: 'authority', operation: 'account.roles-changed', sub: '1' }),
    call({ api: 'sallyport', operation: 'finding.stuffing', address: '', peer: '', reason: 'many' }),
    call({
      api: 'sallyport',
      operation: 'finding.object-enumeration',
      sub: '1',
      issuer: 'main',
      address: '',
    }),
    call({ api: 'sallyport', operation: 'finding.endpoint-spray', reason: 'many endpoints' }),
    call({ api: 'sallyport', operation: 'log.pruned', method: '', reason: '4096 events' }),
    call({ api: 'sallyport', operation: 'admin.signIn', method: 'POST', path: '/api/v1/session' }),
    call({
      api: 'sallyport',
      operation: 'admin.disableAccount',
      method: 'POST',
      sub: 'ann',
      objects: [{ type: 'accounts', id: '7' }],
    }),
    call({ api: 'sallyport', operation: 'admin.createAccount', method: 'POST', sub: 'ann' }),
    call({
      api: 'sallyport',
      operation: 'admin.revokeKey',
      method: 'POST',
      sub: 'ann',
      objects: [{ type: 'keys', id: '7' }],
    }),
    call({ api: 'sallyport', operation: 'admin.replacePolicy', method: 'PUT', sub: 'ann', reason: 'by ann' }),
    call({ ...byAnn, operation: 'admin.respondToFinding', objects: [{ type: 'findings', id: 'f' }] }),
    call({ ...byAnn, operation: 'admin.block', objects: [{ type: 'address', id: '192.0.2.1' }] }),
    call({ ...byAnn, operation: 'admin.unblock', status: 404, objects: [{ type: 'block', id: 'b' }] }),
    call({ ...byAnn, operation: 'admin.enableClient', objects: [{ type: 'clients', id: 'app' }] }),
    call({
      ...roles,
      objects: [
        { type: 'account', id: '1' },
        { type: 'role-granted', id: 'pilot' },
      ],
    }),
    call({
      ...roles,
      objects: [
        { type: 'account', id: '1' },
        { type: 'role-removed', id: 'pilot' },
      ],
    }),
    call({
      ...roles,
      objects: [
        { type: 'role-granted', id: 'a' },
        { type: 'role-removed', id: 'b' },
      ],
    }),
    call({
      ...byAnn,
      operation: 'admin.setAccountRoles',
      objects: [
        { type: 'accounts', id: '7' },
        { type: 'role', id: 'x' },
      ],
    }),
    call({ ...byAnn, operation: 'admin.revoke', objects: [{ type: 'subject', id: '123' }] }),
    call({ ...byAnn, operation: 'admin.revoke', objects: [{ type: 'token', id: 'jti' }] }),
  ]
  const classes = events.map((event) => {
    const ocsf = JSON.parse(JSON.stringify(ocsfEventOf(event, '1.0.0'))) as Members
    assert.deepEqual(ocsfFlaws(ocsf), [])
    return `${ocsf['class_uid']}.${ocsf['activity_id']}`
  })
  assert.deepEqual(classes, [
    '6003.2',
    '6003.2',
    '6003.99',
    '6003.1',
    '6003.4',
    '6003.99',
    '3002.1',
    '3002.1',
    '3002.2',
    '3001.10',
    '3001.99',
    '2004.1',
    '2004.1',
    '2004.1',
    '6003.99',
    '3002.1',
    '3001.5',
    '3001.1',
    '3004.11',
    '3004.3',
    '3004.3',
    '3004.1',
    '3004.4',
    '3004.8',
    '3005.1',
    '3005.2',
    '3005.99',
    '3005.99',
    '3005.2',
    '3005.2',
  ])
})

test('whatever a call holds, its event is valid', () => {
  assert.equal(ocsfSchema.version, ocsfVersion)
  const text = fc.string({ maxLength: 40, unit: 'binary' })
  fc.assert(
    fc.property(
      fc.record({
        method: fc.oneof(fc.constantFrom('GET', 'PUT', 'BREW', ''), text),
        path: text,
        operation: fc.oneof(
          text,
          fc.constantFrom(
            'account.sign-in',
            'account.locked',
            'finding.probing',
            'account.roles-changed',
            'admin.block',
            'admin.setAccountRoles',
            'admin.revoke',
          ),
        ),
        sub: text,
        issuer: text,
        credential: text,
        client: fc.option(text, { nil: undefined }),
        address: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('')),
        peer: fc.oneof(fc.ipV4(), fc.constant('')),
        status: fc.integer({ min: 100, max: 599 }),
        reason: fc.option(text, { nil: undefined }),
        objects: fc.array(fc.record({ type: text, id: text }), { maxLength: 3 }),
      }),
      (more) => {
        const ocsf = JSON.parse(JSON.stringify(ocsfEventOf(call(more), '1.0.0'))) as Members
        assert.deepEqual(ocsfFlaws(ocsf), [])
      },
    ),
    { numRuns: 300 },
  )
})

test('the check itself sees what is wrong', () => {
  const valid = JSON.parse(JSON.stringify(ocsfEventOf(call({}), '1.0.0'))) as Members
  for (const [change, flaw] of [
    [{ time: undefined }, /\/time is missing/],
    [{ severity_id: 77 }, /not among the values/],
    [{ invented: 1 }, /no attribute/],
    [{ src_endpoint: {} }, /has none of/],
    [{ src_endpoint: { ip: 'no address' } }, /form of ip_t/],
    [{ metadata: { ...(valid['metadata'] as object), profiles: [] } }, /needs profile security_control/],
    [{ type_uid: 1 }, /type_uid/],
  ] as const)
    assert.match(ocsfFlaws(JSON.parse(JSON.stringify({ ...valid, ...change })) as Members).join('\n'), flaw)
})

test('a refusal is a failure that was blocked', () => {
  const ocsf = ocsfEventOf(call({ status: 403, code: 'AUTHORIZE_OBJECT', reason: 'not the owner' }), '1.0.0')
  assert.deepEqual(
    ['status_id', 'action_id', 'disposition_id', 'status_code', 'status_detail'].map((name) => ocsf[name]),
    [2, 2, 2, 'AUTHORIZE_OBJECT', 'not the owner'],
  )
})
