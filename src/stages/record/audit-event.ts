import type { AuditEvent } from '../../kernel/event.ts'
import type { ObjectRef } from '../../kernel/grant.ts'
import type { Note, Stage, Trail } from '../../kernel/trail.ts'
import { bounds, cut } from './bounds.ts'
import type { Entry } from './entry.ts'

/** Builds the audit event of a call, each member within its bound. Runs in the batch, not in the call. */
export function auditEventOf(entry: Entry): AuditEvent {
  const { principal, operation, denial, trail } = entry
  return {
    time: entry.time,
    sequence: entry.sequence,
    id: cut(entry.id, bounds.text),
    traceId: cut(entry.traceId, bounds.text),
    issuer: cut(principal.issuer, bounds.text),
    sub: cut(principal.sub, bounds.text),
    client: principal.client === undefined ? undefined : cut(principal.client, bounds.text),
    credential: cut(principal.credential, bounds.text),
    credentialKind: principal.kind,
    ...(principal.scopes.length > 0 && { scopes: wordsOf(principal.scopes) }),
    ...(principal.roles.length > 0 && { roles: wordsOf(principal.roles) }),
    address: cut(entry.address, bounds.text),
    peer: cut(entry.peer, bounds.text),
    protocol: entry.protocol,
    secure: entry.secure,
    method: cut(entry.method, bounds.method),
    path: cut(entry.path, bounds.path),
    api: operation === undefined ? '' : operation.api,
    operation: operation === undefined ? '' : cut(operation.id, bounds.text),
    objects:
      entry.objects.length === 0 ? entry.objects : entry.objects.slice(0, bounds.objects).map(objectOf),
    status: entry.status,
    code: denial?.code,
    reason: denial === undefined ? undefined : cut(denial.reason, bounds.reason),
    notes: trail.notes.length === 0 ? trail.notes : notesOf(trail),
    stages: stagesOf(trail.times, entry.end),
    bytesIn: entry.bytesIn,
    bytesOut: entry.bytesOut,
    duration: round(entry.duration),
    upstreamStatus: entry.upstreamStatus,
    failedOpen: trail.failedOpen,
  }
}

function wordsOf(words: readonly string[]): readonly string[] {
  return words.slice(0, bounds.words).map((word) => cut(word, bounds.text))
}

function objectOf(object: ObjectRef): ObjectRef {
  return { type: object.type, id: cut(object.id, bounds.text) }
}

/** A check lasts from what came before it, a check or the beginning of a stage, until it spoke. */
function notesOf({ notes, marks, times }: Trail): Note[] {
  const events: Note[] = []
  const count = Math.min(notes.length, bounds.notes)
  let stage = 1
  let before = 0
  for (let i = 0; i < count; i++) {
    const { check, verdict, code, observed, reason, stage: of } = notes[i] as Note
    const at = marks[i] ?? 0
    while (stage < times.length && (times[stage] as number) <= at) {
      before = Math.max(before, times[stage] as number)
      stage += 2
    }
    // What speaks when the reply has left has waited for its bytes.
    const late = times[stage - 3] === 'record'
    events.push({
      stage: of,
      check,
      verdict,
      code,
      observed,
      reason: reason === undefined ? undefined : cut(reason, bounds.reason),
      ...(!late && before > 0 && at >= before && { micros: Math.round((at - before) * 1000) }),
    })
    before = at
  }
  return events
}

/** Each stage lasts until the next begins, the last one until the call is over. */
function stagesOf(times: readonly (Stage | number)[], end: number): (readonly [Stage, number])[] {
  const stages: (readonly [Stage, number])[] = []
  const count = Math.min(times.length, bounds.stages * 2)
  for (let i = 0; i + 1 < count; i += 2) {
    const next = i + 3 < times.length ? (times[i + 3] as number) : end
    stages.push([times[i] as Stage, Math.round((next - (times[i + 1] as number)) * 1000)])
  }
  return stages
}

/** Milliseconds to the microsecond: more digits are noise and bytes. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
