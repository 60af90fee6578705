import type { AuditEvent } from './event.ts'
import type { EventFilter } from './ports.ts'

/** Members of an event that `q` looks through. */
const searched = [
  'id',
  'api',
  'operation',
  'sub',
  'client',
  'address',
  'code',
  'method',
  'path',
  'reason',
] as const

/** Whether an event is what a filter asks for. */
export function passesFilter(event: AuditEvent, filter: EventFilter): boolean {
  if (filter.since !== undefined && event.time < filter.since) return false
  if (filter.until !== undefined && event.time > filter.until) return false
  for (const name of [
    'id',
    'api',
    'operation',
    'issuer',
    'sub',
    'address',
    'status',
    'code',
    'method',
  ] as const)
    if (filter[name] !== undefined && event[name] !== filter[name]) return false
  if (filter.operationPrefix !== undefined && !event.operation.startsWith(filter.operationPrefix))
    return false
  if (filter.stage !== undefined && event.code?.startsWith(codePrefixOf(filter.stage)) !== true) return false
  if (filter.q !== undefined) {
    const wanted = asciiLower(filter.q)
    if (!searched.some((name) => asciiLower(event[name] ?? '').includes(wanted))) return false
  }
  return filter.outcome === undefined || (filter.outcome === 'denied') === (event.code !== undefined)
}

/** How the problem codes of a stage begin: `limit` → `LIMIT_`. */
export function codePrefixOf(stage: string): string {
  return `${stage.toUpperCase()}_`
}

/** Lower case of ASCII letters alone: what every database can do. */
export function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
