import { randomUUID } from 'node:crypto'
import type { AuditEvent } from '../../../kernel/event.ts'
import { Recent } from './counters.ts'
import type { AnomalyFinding, AnomalyKind, AnomalySubject } from './finding.ts'

/** Says what an event shows. `over`: by which factor it is above the bound; `events` has ids of events that show it. */
export type Say = (
  event: AuditEvent,
  kind: AnomalyKind,
  subject: AnomalySubject,
  over: number,
  summary: string,
  evidence: AnomalyFinding['evidence'],
  events?: readonly string[],
) => void

/** Makes findings; the same about the same subject only once within `quietMs`, of the last `subjects` subjects. */
export function createSay(subjects: number, quietMs: number, found: (finding: AnomalyFinding) => void): Say {
  const said = new Recent<{ until: number }>(subjects, () => ({ until: 0 }))
  return (event, kind, subject, over, summary, evidence, events = [event.id]) => {
    const before = said.of(`${kind}\0${subject.kind}\0${subject.key}`)
    if (event.time < before.until) return
    before.until = event.time + quietMs
    const score = Math.min(1, 0.5 + over / 8)
    found({
      id: randomUUID(),
      time: event.time,
      kind,
      subject,
      score: Number(score.toFixed(2)),
      summary,
      evidence,
      events: [...events],
    })
  }
}
