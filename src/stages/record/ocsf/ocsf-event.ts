import type { AuditEvent } from '../../../kernel/event.ts'

/** Version of the Open Cybersecurity Schema Framework that is written. */
export const ocsfVersion = '1.8.0'

/** An OCSF event: API Activity (6003), Account Change (3001), Authentication (3002) or Detection Finding (2004). */
export interface OcsfEvent {
  readonly class_uid: 6003 | 3001 | 3002 | 2004
  readonly activity_id: number
  readonly type_uid: number
  readonly [member: string]: unknown
}

const activities: ReadonlyMap<string, number> = new Map([
  ['POST', 1],
  ['GET', 2],
  ['HEAD', 2],
  ['OPTIONS', 2],
  ['PUT', 3],
  ['PATCH', 3],
  ['DELETE', 4],
])
const activityNames = ['Unknown', 'Create', 'Read', 'Update', 'Delete'] as const

/** Methods that the schema has a value for; what else was sent is told by `activity_name`. */
const httpMethods: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'TRACE',
])

/** Account events that begin or end a session: Authentication, 1 Logon, 2 Logoff. */
const sessions: ReadonlyMap<string, 1 | 2> = new Map([
  ['account.sign-in', 1],
  ['account.sign-in-failed', 1],
  ['account.second-factor', 1],
  ['account.second-factor-failed', 1],
  ['account.passkey-sign-in', 1],
  ['account.passkey-failed', 1],
  ['account.recovery-code-used', 1],
  ['account.throttled', 1],
  ['account.stuffing', 1],
  ['account.session-ended', 2],
  ['account.sessions-ended', 2],
  ['admin.signIn', 1],
  ['admin.signOut', 2],
])

/** Account events that change an account: Account Change. 1 Create … 6 Delete, 9 Lock, 10 and 11 MFA factors, 12 Unlock. */
const changes: ReadonlyMap<string, number> = new Map([
  ['account.created', 1],
  ['account.enabled', 2],
  ['account.password-changed', 3],
  ['account.password-change-failed', 3],
  ['account.password-reset', 4],
  ['account.disabled', 5],
  ['account.removed', 6],
  ['account.locked', 9],
  ['account.totp-added', 10],
  ['account.passkey-added', 10],
  ['account.totp-removed', 11],
  ['account.passkey-removed', 11],
  ['account.factors-removed', 11],
  ['account.unlocked', 12],
  ['admin.createAccount', 1],
  ['admin.enableAccount', 2],
  ['admin.disableAccount', 5],
  ['admin.unlockAccount', 12],
  ['admin.setAccountRoles', 99],
  ['admin.signOutAccount', 99],
])

/** The event as OCSF 1.8 says it (https://schema.ocsf.io). What has no place there is under `unmapped`. */
export function ocsfEventOf(event: AuditEvent, version: string): OcsfEvent {
  const session = sessions.get(event.operation)
  if (session !== undefined) return authentication(event, session, version)
  if (event.operation.startsWith('account.') || changes.has(event.operation))
    return accountChange(event, version)
  if (event.operation.startsWith('finding.')) return detection(event, version)
  const activity = activities.get(event.method) ?? 99
  return {
    ...common(event, 6, 6003, activity, version),
    activity_name: activityNames[activity] ?? event.method,
    actor: actorOf(event),
    api: {
      operation: event.operation === '' ? `${event.method} (undeclared)` : event.operation,
      service: { name: event.api === '' ? 'sallyport' : event.api },
      request: { uid: event.id },
      response: { code: event.status, ...(event.code !== undefined && { error: event.code }) },
    },
    src_endpoint: endpointOf(event),
    http_request: {
      ...(httpMethods.has(event.method) && { http_method: event.method }),
      uid: event.id,
      version: event.protocol,
      ...(event.path !== '' && { url: { path: event.path } }),
      body_length: event.bytesIn,
    },
    http_response: { code: event.status, body_length: event.bytesOut },
    ...(event.objects.length > 0 && {
      resources: event.objects.map(({ type, id }) => ({ type, uid: id })),
    }),
  }
}

function authentication(event: AuditEvent, activity: 1 | 2, version: string): OcsfEvent {
  return {
    ...common(event, 3, 3002, activity, version),
    activity_name: activity === 1 ? 'Logon' : 'Logoff',
    user: userOf(event),
    service: { name: event.issuer === '' ? 'sallyport' : event.issuer },
    src_endpoint: endpointOf(event),
    is_remote: true,
    auth_protocol_id: 99,
    auth_protocol: 'Web sign-in',
  }
}

function accountChange(event: AuditEvent, version: string): OcsfEvent {
  const activity = changes.get(event.operation) ?? 99
  return {
    ...common(event, 3, 3001, activity, version),
    activity_name: event.operation.slice(event.operation.indexOf('.') + 1),
    user: changedUser(event),
    actor: actorOf(event),
    src_endpoint: endpointOf(event),
  }
}

/** What was noticed in the patterns of calls. */
function detection(event: AuditEvent, version: string): OcsfEvent {
  const kind = event.operation.slice('finding.'.length)
  const { status_code: _, status_detail: __, ...rest } = common(event, 2, 2004, 1, version)
  const where = event.sub === '' ? {} : { actor: actorOf(event) }
  const evidence = event.address === '' ? where : { ...where, src_endpoint: endpointOf(event) }
  return {
    ...rest,
    class_uid: 2004,
    activity_id: 1,
    type_uid: 200401,
    activity_name: 'Create',
    severity_id: 3,
    severity: 'Medium',
    status_id: 1,
    status: 'New',
    action_id: 3,
    action: 'Observed',
    disposition_id: 19,
    disposition: 'Alert',
    is_alert: true,
    message: event.reason ?? kind,
    finding_info: {
      uid: event.id,
      title: kind,
      desc: event.reason ?? kind,
      types: [kind],
      created_time: event.time,
    },
    ...(Object.keys(evidence).length > 0 && { evidences: [evidence] }),
  }
}

function common(
  event: AuditEvent,
  category: number,
  classUid: OcsfEvent['class_uid'],
  activity: number,
  version: string,
): OcsfEvent {
  const refused = event.code !== undefined
  return {
    activity_id: activity,
    category_uid: category,
    class_uid: classUid,
    type_uid: classUid * 100 + activity,
    time: event.time,
    duration: Math.round(event.duration),
    severity_id: refused ? 2 : 1,
    severity: refused ? 'Low' : 'Informational',
    status_id: refused || event.status >= 400 ? 2 : 1,
    status: refused || event.status >= 400 ? 'Failure' : 'Success',
    status_code: event.code ?? String(event.status),
    ...(event.reason !== undefined && { status_detail: event.reason }),
    action_id: refused ? 2 : 1,
    action: refused ? 'Denied' : 'Allowed',
    disposition_id: refused ? 2 : 1,
    disposition: refused ? 'Blocked' : 'Allowed',
    metadata: {
      version: ocsfVersion,
      profiles: ['security_control'],
      product: { name: 'Sallyport', vendor_name: 'Sallyport', version },
      uid: event.id,
      sequence: event.sequence,
      ...(event.traceId !== '' && { correlation_uid: event.traceId }),
    },
    unmapped: {
      checks: event.notes,
      stages: event.stages,
      failed_open: event.failedOpen,
      ...(event.upstreamStatus !== undefined && { upstream_status: event.upstreamStatus }),
    },
  }
}

function actorOf(event: AuditEvent): object {
  return {
    user: userOf(event),
    ...(event.client !== undefined && { app_uid: event.client }),
    ...(event.issuer !== '' && { idp: { name: event.issuer } }),
    ...(event.credential !== '' && { session: { uid: event.credential, issuer: event.issuer } }),
  }
}

/** Whose account it is; an administrator's own is the actor's. */
function changedUser(event: AuditEvent): object {
  if (!event.operation.startsWith('admin.')) return userOf(event)
  const account = event.objects.find(({ type }) => type === 'accounts')
  return account === undefined ? { name: 'unknown', type_id: 0 } : { uid: account.id, type_id: 1 }
}

function userOf(event: AuditEvent): object {
  return event.sub === '' ? { name: 'anonymous', type_id: 0 } : { uid: event.sub, type_id: 1 }
}

function endpointOf(event: AuditEvent): object {
  const known = event.address === '' ? { name: 'unknown' } : { ip: event.address }
  return event.peer === '' || event.peer === event.address
    ? known
    : { ...known, proxy_endpoint: { ip: event.peer } }
}
