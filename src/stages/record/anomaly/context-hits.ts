import { randomUUID } from 'node:crypto'
import type { AuditEvent } from '../../../kernel/event.ts'
import { Recent } from './counters.ts'
import type { Anomaly } from './create-anomaly.ts'
import type { AnomalyFinding } from './finding.ts'

const hour = 3_600_000
const mostOperations = 5_000
const mostRules = 5
const none: readonly AnomalyFinding[] = Object.freeze([])

interface Hits {
  until: number
  count: number
}

/**
 * Instructions to AI agents that were found in replies, told once for each operation and quiet time: who planted them is
 * not the caller, so the finding is about the operation.
 */
export function createContextHits(quietMs: number = hour): Anomaly {
  const operations = new Recent<Hits>(mostOperations, () => ({ until: 0, count: 0 }))
  return {
    observe(event) {
      const reason = reasonOf(event)
      if (reason === undefined) return none
      const key = `${event.api}/${event.operation}`
      const hits = operations.of(key)
      hits.count++
      if (event.time < hits.until) return none
      hits.until = event.time + quietMs
      const { rules, score } = readReason(reason)
      return [
        {
          id: randomUUID(),
          time: event.time,
          kind: 'context-injection',
          subject: { kind: 'operation', key },
          score,
          summary: `a reply of ${event.operation} held instructions to AI agents`,
          evidence: { operation: event.operation, rules, replies: hits.count },
          events: [event.id],
        },
      ]
    },
  }
}

function reasonOf({ notes }: AuditEvent): string | undefined {
  for (const { code, verdict, reason } of notes)
    if (code === 'SCREEN_CONTEXT' && verdict === 'deny') return reason ?? ''
  return undefined
}

/** Names of rules and the highest score in what the check said: `RULE at POINTER (SCORE, DIGEST), …`. */
function readReason(reason: string): { readonly rules: string; readonly score: number } {
  const rules = new Set<string>()
  let score = 0.5
  for (const [, rule = '', said] of reason.matchAll(/(?:^|[,;] )([\w./:-]{1,40}) at [^,;]*\((\d\.\d\d)/g)) {
    if (rules.size < mostRules) rules.add(rule)
    score = Math.max(score, Math.min(1, Number(said)))
  }
  return { rules: [...rules].join(', '), score }
}
