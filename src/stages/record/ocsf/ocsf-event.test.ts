import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEvent } from '../../../kernel/event.ts'
import { stopped } from '../stopped.ts'
import { ocsfEventOf } from './ocsf-event.ts'

type Members = Readonly<Record<string, unknown>>

/**
 * What OCSF 1.8 demands of the classes and objects that are written: required attributes, and groups of which at least one
 * must be there. Facts of the published schema (ocsf/ocsf-schema: base_event, api_activity, authentication,
 * account_change; objects metadata, product, actor, api, user, network_endpoint, url, resource_details).
 */
const base = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid']
const required: Readonly<Record<number, readonly string[]>> = {
  6003: [...base, 'actor', 'api', 'src_endpoint'],
  3002: [...base, 'user'],
  3001: [...base, 'user'],
}
const oneOf: Readonly<Record<string, readonly string[]>> = {
  actor: ['process', 'user', 'invoked_by', 'session', 'app_name', 'app_uid'],
  user: ['account', 'name', 'uid'],
  src_endpoint: [
    'ip',
    'uid',
    'name',
    'hostname',
    'svc_name',
    'instance_uid',
    'interface_uid',
    'interface_name',
    'domain',
  ],
  url: ['url_string', 'path'],
}
const activities: Readonly<Record<number, readonly number[]>> = {
  6003: [0, 1, 2, 3, 4, 99],
  3002: [0, 1, 2, 3, 4, 5, 6, 7, 99],
  3001: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99],
}

function assertValid(event: Members): void {
  const uid = event['class_uid'] as number
  for (const name of required[uid] ?? assert.fail(`class ${uid}`))
    assert.ok(event[name] !== undefined, `${uid}: ${name}`)
  assert.ok(activities[uid]?.includes(event['activity_id'] as number))
  assert.equal(event['type_uid'], uid * 100 + (event['activity_id'] as number))
  assert.equal(event['category_uid'], Math.floor(uid / 1000))
  assert.ok(Number.isSafeInteger(event['time']))
  const metadata = event['metadata'] as Members
  assert.equal(metadata['version'], '1.8.0')
  assert.ok((metadata['product'] as Members)['vendor_name'])
  if (uid === 6003) assert.ok((event['api'] as Members)['operation'])
  if (uid === 3002) assert.ok('service' in event || 'dst_endpoint' in event)
  walk(event)
}

/** Objects that need one of several members have one, wherever they stand; nothing is empty or undefined once written. */
function walk(value: unknown, name = ''): void {
  if (typeof value !== 'object' || value === null) return
  const group = oneOf[name]
  if (group !== undefined)
    assert.ok(
      group.some((one) => one in value),
      name,
    )
  for (const [member, inner] of Object.entries(value)) if (member !== 'unmapped') walk(inner, member)
}

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

test('calls, sign-ins and account changes are what the classes demand', () => {
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
  ]
  const classes = events.map((event) => {
    const ocsf = JSON.parse(JSON.stringify(ocsfEventOf(event, '1.0.0'))) as Members
    assertValid(ocsf)
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
  ])
})

test('a refusal is a failure that was blocked', () => {
  const ocsf = ocsfEventOf(call({ status: 403, code: 'AUTHORIZE_OBJECT', reason: 'not the owner' }), '1.0.0')
  assert.deepEqual(
    ['status_id', 'action_id', 'disposition_id', 'status_code', 'status_detail'].map((name) => ocsf[name]),
    [2, 2, 2, 'AUTHORIZE_OBJECT', 'not the owner'],
  )
})
