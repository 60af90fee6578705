import type { AuditEvent } from '../../kernel/event.ts'
import type { RecordedJudge, RecordedVerdict } from './judge-recorded.ts'

/** Calls that a changed policy decides otherwise, of one operation and caller. */
export interface ChangedCalls {
  readonly api: string
  readonly operation: string
  /** `sub (issuer)`; empty for callers without credential. */
  readonly caller: string
  /** `pass`, or the problem code. */
  readonly before: string
  readonly after: string
  /** The check that refuses now, where one does. */
  readonly check: string | undefined
  readonly count: number
  /** Request id of the first of them, for `log export` and the console. */
  readonly example: string
  /** Milliseconds since the epoch. */
  readonly first: number
  readonly last: number
}

/** What `sallyport replay` tells. */
export interface ReplayReport {
  /** Calls that were looked at. */
  readonly calls: number
  readonly same: number
  /** Most calls first, those that are refused now before those that pass now. */
  readonly changed: readonly ChangedCalls[]
  /** Changes beyond the most that are listed. */
  readonly unlisted: number
  /** Why calls could not be judged → how many. */
  readonly unknown: readonly { readonly why: string; readonly count: number }[]
}

/** Most groups that are kept apart: more callers than that are counted, not listed. */
const mostGroups = 10_000

/**
 * Judges recorded calls by a changed policy and says what it decides otherwise. `before`: the policy to compare with; by
 * default what really happened. Calls that were refused in a later stage than limit got that far, and count as passed;
 * those that were refused before anybody was known, for overload or by a block are left out.
 */
export async function replay(
  events: AsyncIterable<AuditEvent>,
  after: RecordedJudge,
  before?: RecordedJudge,
): Promise<ReplayReport> {
  const groups = new Map<string, { -readonly [K in keyof ChangedCalls]: ChangedCalls[K] }>()
  const unknown = new Map<string, number>()
  let calls = 0
  let same = 0
  let unlisted = 0
  const cannot = (why: string): void => {
    unknown.set(why, (unknown.get(why) ?? 0) + 1)
  }
  for await (const event of events) {
    if (event.api === 'sallyport' || event.path === '' || event.method === '') continue
    calls += 1
    const was: RecordedVerdict = before === undefined ? happened(event) : await before.judge(event)
    const is = await after.judge(event)
    if (was.kind === 'unknown') cannot(was.why)
    else if (is.kind === 'unknown') cannot(is.why)
    else if (wordOf(was) === wordOf(is)) same += 1
    else note(event, was, is)
  }

  function note(event: AuditEvent, was: RecordedVerdict, is: RecordedVerdict): void {
    const caller = event.sub === '' ? '' : `${event.sub} (${event.issuer})`
    const key = [event.api, event.operation, caller, wordOf(was), wordOf(is)].join('\n')
    const group = groups.get(key)
    if (group !== undefined) {
      group.count += 1
      group.last = event.time
    } else if (groups.size >= mostGroups) unlisted += 1
    else
      groups.set(key, {
        api: event.api,
        operation: event.operation === '' ? `${event.method} (none)` : event.operation,
        caller,
        before: wordOf(was),
        after: wordOf(is),
        check: is.kind === 'refuse' ? is.check : undefined,
        count: 1,
        example: event.id,
        first: event.time,
        last: event.time,
      })
  }

  return {
    calls,
    same,
    changed: [...groups.values()].sort(
      (a, b) => Number(a.after === 'pass') - Number(b.after === 'pass') || b.count - a.count,
    ),
    unlisted,
    unknown: [...unknown].map(([why, count]) => ({ why, count })).sort((a, b) => b.count - a.count),
  }
}

function wordOf(verdict: RecordedVerdict): string {
  return verdict.kind === 'refuse' ? verdict.code : 'pass'
}

/** What really happened to a call, as far as match, authorize and limit are concerned. */
function happened({ code, notes }: AuditEvent): RecordedVerdict {
  if (code === undefined || /^(?:INSPECT|FORWARD|SCREEN)_/.test(code)) return { kind: 'pass' }
  if (/^LISTEN_/.test(code)) return { kind: 'unknown', why: 'no well-formed request' }
  if (code === 'LIMIT_OVERLOAD' || code === 'LIMIT_LOCKED' || code.startsWith('GATEWAY_'))
    return { kind: 'unknown', why: 'the gateway’s own state' }
  if (/^IDENTIFY_/.test(code) && code !== 'IDENTIFY_REQUIRED')
    return { kind: 'unknown', why: 'a credential that was not accepted' }
  const by = notes.findLast((note) => note.verdict === 'deny' && !note.observed)
  return { kind: 'refuse', code, check: by?.check ?? '' }
}
