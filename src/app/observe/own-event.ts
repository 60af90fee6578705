import { randomUUID } from 'node:crypto'
import type { AuditEvent } from '../../kernel/event.ts'
import { anonymous } from '../../kernel/principal.ts'

/** An event of the gateway itself: API `sallyport`, nobody's call. */
export function ownEvent(
  operation: string,
  reason: string,
  over: Partial<AuditEvent> = {},
): Omit<AuditEvent, 'sequence'> {
  return {
    time: Date.now(),
    id: randomUUID(),
    traceId: '',
    issuer: '',
    sub: '',
    client: undefined,
    credential: '',
    credentialKind: anonymous.kind,
    address: '',
    peer: '',
    protocol: '',
    secure: true,
    method: '',
    path: '',
    api: 'sallyport',
    operation,
    objects: [],
    status: 200,
    code: undefined,
    reason,
    notes: [],
    stages: [],
    bytesIn: 0,
    bytesOut: 0,
    duration: 0,
    upstreamStatus: undefined,
    failedOpen: 0,
    ...over,
  }
}
