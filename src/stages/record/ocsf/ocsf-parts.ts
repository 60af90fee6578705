import type { AuditEvent } from '../../../kernel/event.ts'

/** Version of the Open Cybersecurity Schema Framework that is written. */
export const ocsfVersion = '1.8.0'

/**
 * An OCSF event: API Activity (6003), Account Change (3001), Authentication (3002), Entity Management (3004), User Access
 * Management (3005) or Detection Finding (2004).
 */
export interface OcsfEvent {
  readonly class_uid: 6003 | 3001 | 3002 | 3004 | 3005 | 2004
  readonly activity_id: number
  readonly type_uid: number
  readonly [member: string]: unknown
}

/** What every class has. */
export function common(
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

export function actorOf(event: AuditEvent): object {
  return {
    user: userOf(event),
    ...(event.client !== undefined && { app_uid: event.client }),
    ...(event.issuer !== '' && { idp: { name: event.issuer } }),
    ...(event.credential !== '' && { session: { uid: event.credential, issuer: event.issuer } }),
  }
}

export function userOf(event: AuditEvent): object {
  return event.sub === '' ? { name: 'anonymous', type_id: 0 } : { uid: event.sub, type_id: 1 }
}

export function endpointOf(event: AuditEvent): object {
  const known = event.address === '' ? { name: 'unknown' } : { ip: event.address }
  return event.peer === '' || event.peer === event.address
    ? known
    : { ...known, proxy_endpoint: { ip: event.peer } }
}
