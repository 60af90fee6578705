import type { AuditEvent } from '../../src/kernel/event.ts'
import type { ProblemCode } from '../../src/kernel/problem.ts'

const codes: readonly ProblemCode[] = [
  'IDENTIFY_TOKEN_EXPIRED',
  'AUTHORIZE_OBJECT',
  'LIMIT_RATE',
  'INSPECT_SCHEMA',
  'MATCH_NO_OPERATION',
]
const apis = ['travel', 'fleet', 'billing'] as const

/** Callers, operations and refusals in about the proportions of a public API; the same for the same numbers. */
export function eventAt(index: number, count: number, end: number): AuditEvent {
  const random = mix(index)
  const span = 30 * 86_400_000
  const time = Math.floor(end - span + (span * index) / count)
  const isRare = index % Math.ceil(count / 5) === 7
  const isDenied = isRare || random % 100 < 3
  const code = isDenied ? codes[(random >>> 8) % codes.length] : undefined
  const caller = isRare ? 'rare-caller' : `user-${Math.floor(50_000 * ((random >>> 4) / 0x10000000) ** 3)}`
  const api = apis[random % 10 < 7 ? 0 : random % 10 < 9 ? 1 : 2]
  return {
    time,
    sequence: index,
    id: `${index.toString(16).padStart(8, '0')}-7ac1-4f2e-9b1d-${(random >>> 0).toString(16).padStart(12, '0')}`,
    traceId: (random >>> 0).toString(16).padStart(32, '0'),
    issuer: random % 20 === 0 ? 'partners' : 'main',
    sub: caller,
    client: 'app',
    credential: (random >>> 2).toString(16).padStart(16, '0'),
    credentialKind: 'jwt',
    address: `10.${caller.length}.${(random >>> 3) % 250}.${(random >>> 11) % 250}`,
    peer: '10.0.0.1',
    protocol: '1.1',
    secure: true,
    method: random % 5 === 0 ? 'POST' : 'GET',
    path: `/users/${caller}/bookings/${index}`,
    api: api ?? 'travel',
    operation: isRare ? 'rareOperation' : `operation${(random >>> 6) % 40}`,
    objects: [{ type: 'booking', id: String(index) }],
    status: code === undefined ? 200 : 403,
    code,
    reason: code === undefined ? undefined : 'not what the policy allows',
    notes: ['identify.jwt', 'authorize.scope', 'authorize.object', 'limit.rate', 'inspect.schema'].map(
      (check) => ({
        stage: check.split('.')[0] as 'identify',
        check,
        verdict: 'allow' as const,
        code: undefined,
        observed: false,
        reason: undefined,
      }),
    ),
    stages: [
      ['listen', 12],
      ['identify', 40],
      ['authorize', 9],
      ['forward', 2_100],
      ['screen', 30],
    ],
    bytesIn: 120,
    bytesOut: 900,
    duration: 2.4,
    upstreamStatus: 200,
    failedOpen: 0,
  }
}

/** A number that looks drawn, from 0 to 2^32. */
function mix(index: number): number {
  let x = Math.imul(index + 0x9e37_79b9, 0x85eb_ca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2_ae35)
  return (x ^ (x >>> 16)) >>> 0
}
