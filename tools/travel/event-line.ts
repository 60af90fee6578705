import type { AuditEvent } from '../../src/kernel/event.ts'

/**
 * An audit event, given as its line of JSON, in one short line for a person; other lines as they are. Undefined for
 * calls before `since` (milliseconds since the epoch): events come in batches, a little late.
 */
export function formatEventLine(line: string, since: number, colour: boolean): string | undefined {
  const event = parseEvent(line)
  if (event === undefined) return line
  if (event.time < since) return undefined
  const code = event.status < 400 ? 32 : event.status < 500 ? 33 : 31
  const status = colour ? `\x1b[${code}m${event.status}\x1b[0m` : String(event.status)
  const who = event.sub === undefined || event.sub === '' ? 'nobody' : `${event.issuer}:${event.sub}`
  const why = event.reason === undefined ? '' : `  ${event.reason}`
  const time = new Date(event.time).toISOString().slice(11, 23)
  return `  ${time}  ${status} ${(event.code ?? 'passed').padEnd(22)} ${event.method} ${event.path}  ${who}${why}`
}

function parseEvent(line: string): AuditEvent | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value = JSON.parse(line) as Partial<AuditEvent>
    return typeof value.time === 'number' && typeof value.status === 'number'
      ? (value as AuditEvent)
      : undefined
  } catch {
    return undefined
  }
}
