import type { AuditEvent } from '../../kernel/event.ts'
import { anonymous } from '../../kernel/principal.ts'

/** The last event of a run: its signature vouches for the whole run. */
export function stopped(sequence: number): AuditEvent {
  return {
    time: Date.now(),
    sequence,
    id: `stop-${sequence}`,
    traceId: '',
    issuer: anonymous.issuer,
    sub: anonymous.sub,
    client: undefined,
    credential: '',
    credentialKind: anonymous.kind,
    address: '',
    peer: '',
    protocol: '',
    secure: true,
    method: '',
    path: '',
    api: '',
    operation: 'gateway.stopped',
    objects: [],
    status: 200,
    code: undefined,
    reason: undefined,
    notes: [],
    stages: [],
    bytesIn: 0,
    bytesOut: 0,
    duration: 0,
    upstreamStatus: undefined,
    failedOpen: 0,
  }
}
