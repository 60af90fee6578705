import type { AuditEvent } from '../../../kernel/event.ts'
import { iamEventOf } from './ocsf-iam.ts'
import { actorOf, common, endpointOf, type OcsfEvent } from './ocsf-parts.ts'

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

/** The event as OCSF 1.8 says it (https://schema.ocsf.io). What has no place there is under `unmapped`. */
export function ocsfEventOf(event: AuditEvent, version: string): OcsfEvent {
  const iam = iamEventOf(event, version)
  if (iam !== undefined) return iam
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
