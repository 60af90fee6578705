import type { AdminChange } from '../../admin/change.ts'
import type { AuditEvent } from '../../kernel/event.ts'
import { ownEvent } from '../observe/own-event.ts'

/** Longest reason that is put on record. */
const longest = 500
const mostRoles = 20

/**
 * A change by way of the admin API among the events: API `sallyport`, operation `admin.OPERATION`, the caller is who did it,
 * the object what it was done to. A try that was refused is on record with the code of the refusal as its reason.
 */
export function adminEventOf(change: AdminChange, now: number): Omit<AuditEvent, 'sequence'> {
  const { visitor, target, code, reason } = change
  const who = visitor === undefined ? 'nobody known' : `${visitor.name} (${visitor.role}, ${visitor.via})`
  const said = [code, reason?.slice(0, longest)].filter((part) => part !== undefined && part !== '')
  return ownEvent(`admin.${change.operationId}`, [`by ${who}`, ...said].join(': '), {
    time: now,
    id: change.requestId,
    issuer: visitor?.issuer ?? '',
    sub: visitor?.sub ?? '',
    client: 'console',
    address: change.address,
    peer: change.address,
    protocol: '1.1',
    secure: false,
    method: change.method,
    path: change.path,
    objects: [
      ...(target === undefined ? [] : [{ type: target.type, id: target.id.slice(0, 512) }]),
      ...change.roles.slice(0, mostRoles).map((id) => ({ type: 'role', id })),
    ],
    status: change.status,
  })
}
