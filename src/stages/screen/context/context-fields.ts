import type { Inspection } from './inspection.ts'
import type { ContentPlan } from './options.ts'

/** Whether the reply was built as the contract says. */
export type SchemaState = 'pass' | 'fail' | 'none'

/** `Context-Trust` as a flat name and value pair: an Item with parameters (RFC 9651). */
export function trustField({ trust, source }: ContentPlan, schema: SchemaState = 'none'): readonly string[] {
  return ['Context-Trust', `${trust};source=${quoted(source)}${schema === 'none' ? '' : `;schema=${schema}`}`]
}

/**
 * `Context-Risk` and `Context-Sanitized`: an Item and a Dictionary (RFC 9651). The rules stand in one string, set apart by
 * blanks: a parameter cannot be a list (§3.1.2).
 */
export function findingFields(inspection: Inspection): readonly string[] {
  const rules = inspection.rules.size === 0 ? '' : `;rules=${quoted([...inspection.rules].join(' '))}`
  const verdict = inspection.flagged ? 'flagged' : 'clear'
  const fields = [
    'Context-Risk',
    `${decimal(inspection.risk)};verdict=${verdict}${rules};inspected=${inspection.partial ? 'partial' : 'full'}`,
  ]
  if (inspection.removed.size > 0)
    fields.push('Context-Sanitized', [...inspection.removed].map(([kind, n]) => `${kind}=${n}`).join(', '))
  return fields
}

/** Said of a stream before its first byte: what it holds is not known yet. */
export const pendingField: readonly string[] = ['Context-Risk', '0.0;verdict=pending;inspected=stream']

/** Said of what holds no text that could be read. */
export const unreadField: readonly string[] = ['Context-Risk', '0.0;verdict=unread;inspected=none']

/** An sf-decimal. */
function decimal(value: number): string {
  return Math.min(1, Math.max(0, value)).toFixed(2)
}

/** An sf-string: printable ASCII, quote and backslash escaped. */
function quoted(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '?').slice(0, 128)
  return `"${plain.replace(/["\\]/g, '\\$&')}"`
}
