import type { AuditEvent } from '../../../kernel/event.ts'

/** Facilities by name (RFC 5424 §6.2.1); `audit` is 13, "log audit". */
export const facilities = {
  daemon: 3,
  auth: 4,
  syslog: 5,
  authpriv: 10,
  audit: 13,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const
export type Facility = keyof typeof facilities

const bom = '\ufeff'

/** What does not change from message to message. */
export interface SyslogOrigin {
  readonly facility: Facility
  readonly hostname: string
  readonly processId: number
  readonly version: string
}

/** Error 3, warning 4, informational 6 (RFC 5424 §6.2.1). */
function severityOf(event: AuditEvent): number {
  if (event.code === 'GATEWAY_FAULT') return 3
  return event.code !== undefined || event.operation.startsWith('finding.') ? 4 : 6
}

/**
 * One message (RFC 5424) with the line as its text. Structured data are the registered `origin` and `meta`; names of our
 * own would need an enterprise number, which Sallyport has none of.
 */
export function syslogMessageOf(event: AuditEvent, line: string, origin: SyslogOrigin): string {
  const priority = facilities[origin.facility] * 8 + severityOf(event)
  const time = new Date(event.time).toISOString()
  // Up to 2147483647, then again from 1 (§7.3.1).
  const sequence = (event.sequence % 2_147_483_647) + 1
  const kind = kindOf(event.operation)
  return (
    `<${priority}>1 ${time} ${nameOf(origin.hostname, 255)} sallyport ${origin.processId} ${kind} ` +
    `[origin software="Sallyport" swVersion="${origin.version}"][meta sequenceId="${sequence}"] ${bom}${line}`
  )
}

function kindOf(operation: string): string {
  return /^(?:account|finding|gateway|log)(?=\.)/.exec(operation)?.[0] ?? 'call'
}

/** PRINTUSASCII alone; `-` where nothing is left. */
function nameOf(text: string, most: number): string {
  const name = text.replace(/[^\x21-\x7e]/g, '').slice(0, most)
  return name === '' ? '-' : name
}
