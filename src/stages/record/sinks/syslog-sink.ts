import { hostname } from 'node:os'
import type { AuditEvent } from '../../../kernel/event.ts'
import type { Carrier } from '../../../outbound/create-carrier.ts'
import type { EventSink } from '../sink.ts'
import { deliveryVerdicts } from './delivery-error.ts'
import { type LineFormat, linesIn } from './line-format.ts'
import { type Facility, syslogMessageOf } from './syslog-message.ts'

export interface SyslogSinkOptions {
  readonly name: string
  readonly protocol: 'udp' | 'tcp' | 'tls'
  readonly carrier: Carrier
  readonly facility: Facility
  readonly format: LineFormat
  readonly batch: number
  readonly queue: number
  readonly version: string
}

/** Largest datagram of IPv4, less its headers. */
const mostInDatagram = 65_507

/**
 * Syslog (RFC 5424): datagrams (RFC 5426), or messages counted in octets on a stream (RFC 6587 §3.4.1, RFC 5425 over
 * TLS). What a server reads it does not confirm: see `Carrier`.
 */
export function createSyslogSink(options: SyslogSinkOptions): EventSink {
  const lines = linesIn(options.format, options.version)
  const origin = {
    facility: options.facility,
    hostname: hostname(),
    processId: process.pid,
    version: options.version,
  }
  const counted = options.protocol !== 'udp'

  function bytesOf(event: AuditEvent, line: string): Uint8Array {
    const message = Buffer.from(syslogMessageOf(event, line, origin))
    if (counted) return Buffer.concat([Buffer.from(`${message.length} `), message])
    return message.length <= mostInDatagram
      ? message
      : Buffer.from(syslogMessageOf(event, shortLineOf(event), origin))
  }

  return {
    name: options.name,
    queue: options.queue,
    batch: options.batch,
    ...deliveryVerdicts,
    async write(batch) {
      const all = lines(batch)
      await options.carrier.send(batch.events.map((event, i) => bytesOf(event, all[i] as string)))
    },
    close: () => options.carrier.close(),
  }
}

/** What fits into any datagram: who and what, without what each check said. */
function shortLineOf({ time, sequence, id, api, operation, status, code }: AuditEvent): string {
  return JSON.stringify({ time, sequence, id, api, operation, status, code, truncated: true })
}
