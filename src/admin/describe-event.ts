import type { AuditEvent } from '../kernel/event.ts'
import { problemOf } from '../kernel/problem.ts'
import type { Note } from '../kernel/trail.ts'
import type { CheckReply } from './contract.ts'

/** How a check's name begins → the column of the coverage table that it belongs to. The first that fits counts. */
const controls: readonly (readonly [string, string])[] = [
  ['identify.', 'authentication'],
  ['authorize.scope', 'scope'],
  ['authorize.function', 'function'],
  ['authorize.object', 'object'],
  ['authorize.ledger', 'object'],
  ['authorize.seal', 'object'],
  ['authorize.ask', 'object'],
  ['authorize.read', 'object'],
  ['authorize.property', 'property-write'],
  ['authorize.flow', 'flow'],
  ['limit.', 'limit'],
  ['inspect.injection', 'injection'],
  ['inspect.', 'validation'],
  ['screen.context', 'content'],
  ['screen.', 'reply'],
]

/** What every check said, with its time; in events of before it is the stage's, where no other check shared it. */
export function checksOf(event: AuditEvent): CheckReply[] {
  const micros = new Map<string, number>(event.stages)
  const inStage = new Map<string, number>()
  for (const { stage } of event.notes) inStage.set(stage, (inStage.get(stage) ?? 0) + 1)
  return event.notes.map((note) => ({
    stage: note.stage,
    check: note.check,
    control: controls.find(([prefix]) => note.check.startsWith(prefix))?.[1] ?? null,
    verdict: note.verdict,
    code: note.code ?? null,
    observed: note.observed,
    reason: note.reason ?? null,
    micros: note.micros ?? (inStage.get(note.stage) === 1 ? (micros.get(note.stage) ?? null) : null),
  }))
}

/** One sentence on why a call was refused; null where it was not. */
export function whyRefused(event: AuditEvent): string | null {
  if (event.code === undefined) return null
  const { title } = problemOf(event.code)
  const check = event.notes.findLast(isRefusal(event.code))?.check
  const because = event.reason === undefined || event.reason === '' ? '' : `: ${event.reason}`
  const by = check === undefined ? `with ${event.code}` : `by the check ${check} with ${event.code}`
  return `Refused ${by} (${event.status} ${title})${because}.`
}

function isRefusal(code: string): (note: Note) => boolean {
  return (note) => note.verdict === 'deny' && !note.observed && (note.code ?? code) === code
}
