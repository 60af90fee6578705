import type { Inspection } from './inspection.ts'
import type { ContentPlan } from './options.ts'

/** `Context-Trust`, `Context-Risk`, `Context-Sanitized` (structured fields, RFC 9651), flat name and value pairs. */
export function contextFields(
  plan: ContentPlan,
  inspection: Inspection | undefined,
  streamed = false,
): readonly string[] {
  const fields = ['Context-Trust', `${plan.trust};source=${quoted(plan.source)}`]
  if (inspection === undefined) {
    if (streamed) fields.push('Context-Risk', '0.0;verdict=pending;inspected=stream')
    return fields
  }
  const rules = [...inspection.rules].map(quoted).join(' ')
  const verdict = inspection.flagged ? 'flagged' : 'clear'
  const inspected = inspection.partial ? 'partial' : 'full'
  fields.push(
    'Context-Risk',
    `${inspection.risk.toFixed(2)};verdict=${verdict}${rules === '' ? '' : `;rules=${quotedList(inspection)}`};inspected=${inspected}`,
  )
  if (inspection.removed.size > 0)
    fields.push('Context-Sanitized', [...inspection.removed].map(([kind, n]) => `${kind}=${n}`).join(', '))
  return fields
}

/** A list cannot be a parameter's value: the ids stand in one string, set apart by blanks. */
function quotedList({ rules }: Inspection): string {
  return quoted([...rules].join(' '))
}

/** An sf-string: printable ASCII, quote and backslash escaped. */
function quoted(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '?').slice(0, 128)
  return `"${plain.replace(/["\\]/g, '\\$&')}"`
}
