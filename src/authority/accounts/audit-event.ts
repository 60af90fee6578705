import { randomUUID } from 'node:crypto'
import type { AuditEvent } from '../../kernel/event.ts'
import { type ProblemCode, problemOf } from '../../kernel/problem.ts'
import type { AccountEvent, AccountEventKind } from './account-event.ts'

const codes: Partial<Readonly<Record<AccountEventKind, ProblemCode>>> = {
  'sign-in-failed': 'IDENTIFY_TOKEN_INVALID',
  'second-factor-failed': 'IDENTIFY_TOKEN_INVALID',
  'passkey-failed': 'IDENTIFY_TOKEN_INVALID',
  'password-change-failed': 'IDENTIFY_TOKEN_INVALID',
  'set-up': 'IDENTIFY_TOKEN_INVALID',
  throttled: 'LIMIT_RATE',
  stuffing: 'LIMIT_RATE',
  locked: 'LIMIT_LOCKED',
}

/**
 * What happened to an account as an event among the others: API `authority`, operation `account.KIND`. `issuer` is the
 * server's name in the configuration. The digest of the address that was tried is the credential.
 */
export function auditEventOf(event: AccountEvent, issuer: string): Omit<AuditEvent, 'sequence'> {
  const code = event.failed ? codes[event.kind] : undefined
  const by = event.by === undefined ? undefined : `by ${event.by}`
  const reason = [event.detail, by].filter((part) => part !== undefined).join(', ')
  return {
    time: event.time,
    id: randomUUID(),
    traceId: '',
    issuer,
    sub: event.sub ?? '',
    client: event.client,
    credential: event.login ?? '',
    credentialKind: 'none',
    address: event.address,
    peer: '',
    protocol: '',
    secure: false,
    method: '',
    path: '',
    api: 'authority',
    operation: `account.${event.kind}`,
    objects: objectsOf(event),
    status: code === undefined ? (event.failed ? 500 : 200) : problemOf(code).status,
    code,
    reason: reason === '' ? undefined : reason,
    notes: [],
    stages: [],
    bytesIn: 0,
    bytesOut: 0,
    duration: 0,
    upstreamStatus: undefined,
    failedOpen: 0,
  }
}

/** The account, and the roles that it was given or lost. */
function objectsOf({ sub, granted, removed }: AccountEvent): AuditEvent['objects'] {
  if (sub === undefined) return []
  return [
    { type: 'account', id: sub },
    ...granted.map((id) => ({ type: 'role-granted', id })),
    ...removed.map((id) => ({ type: 'role-removed', id })),
  ]
}
