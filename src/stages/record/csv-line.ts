import type { AuditEvent } from '../../kernel/event.ts'

const columns = [
  'time',
  'id',
  'api',
  'operation',
  'method',
  'path',
  'status',
  'code',
  'reason',
  'issuer',
  'sub',
  'client',
  'credentialKind',
  'address',
  'bytesIn',
  'bytesOut',
  'duration',
  'upstreamStatus',
] as const

export const csvHeader: string = columns.join(',')

/** One event as a line of CSV (RFC 4180), times as ISO 8601. */
export function csvLineOf(event: AuditEvent): string {
  return columns
    .map((column) => cellOf(column === 'time' ? new Date(event.time).toISOString() : event[column]))
    .join(',')
}

/** A spreadsheet would run a cell that begins like a formula (CWE-1236): such a one is quoted with an apostrophe. */
function cellOf(value: string | number | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
