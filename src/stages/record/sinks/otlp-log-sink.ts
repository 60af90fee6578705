import type { AuditEvent } from '../../../kernel/event.ts'
import type { Deliverer } from '../../../outbound/create-outbound.ts'
import { attribute, type OtlpAttribute, type OtlpResource, type OtlpTarget, sendOtlp } from '../otlp/otlp.ts'
import type { EventSink } from '../sink.ts'
import { deliveryVerdicts } from './delivery-error.ts'
import { type LineFormat, linesIn } from './line-format.ts'

export interface OtlpLogSinkOptions extends OtlpTarget {
  readonly name: string
  readonly resource: OtlpResource
  readonly format: LineFormat
  readonly batch: number
  readonly queue: number
  readonly version: string
  readonly outbound: Deliverer
  /** Told of records that the collector took the batch without. */
  readonly lost: (events: number) => void
}

/** Log records over OTLP/HTTP with JSON: the line is the body, what is searched by stands in attributes. */
export function createOtlpLogSink(options: OtlpLogSinkOptions): EventSink {
  const lines = linesIn(options.format, options.version)
  const scope = { name: 'sallyport', version: options.version }
  return {
    name: options.name,
    queue: options.queue,
    batch: options.batch,
    ...deliveryVerdicts,
    async write(batch) {
      const all = lines(batch)
      const observed = `${Date.now()}000000`
      const logRecords = batch.events.map((event, i) => recordOf(event, all[i] as string, observed))
      const rejected = await sendOtlp(options.outbound, options, 'rejectedLogRecords', {
        resourceLogs: [{ resource: options.resource, scopeLogs: [{ scope, logRecords }] }],
      })
      if (rejected > 0) options.lost(Math.min(rejected, batch.events.length))
    },
    close: async () => undefined,
  }
}

function recordOf(event: AuditEvent, line: string, observed: string): object {
  const refused = event.code !== undefined
  const fault = event.code === 'GATEWAY_FAULT'
  return {
    timeUnixNano: `${event.time}000000`,
    observedTimeUnixNano: observed,
    // ERROR, WARN, INFO (OpenTelemetry log data model).
    severityNumber: fault ? 17 : refused ? 13 : 9,
    severityText: fault ? 'ERROR' : refused ? 'WARN' : 'INFO',
    eventName: 'sallyport.call',
    body: { stringValue: line },
    attributes: attributesOf(event),
    ...(event.traceId.length === 32 && { traceId: event.traceId }),
  }
}

function attributesOf(event: AuditEvent): readonly OtlpAttribute[] {
  return [
    attribute('sallyport.request_id', event.id),
    attribute('sallyport.sequence', event.sequence),
    attribute('sallyport.api', event.api),
    attribute('sallyport.operation', event.operation),
    attribute('sallyport.code', event.code),
    attribute('http.request.method', event.method),
    attribute('http.response.status_code', event.status),
  ].filter((one) => one !== undefined)
}
