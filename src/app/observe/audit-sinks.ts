import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Config } from '../../config/config.ts'
import type { Secret } from '../../config/secret.ts'
import type { AuditSinkConfig } from '../../config/types/record-config.ts'
import { Unusable } from '../../kernel/finding.ts'
import { createCarrier } from '../../outbound/create-carrier.ts'
import type { Deliverer } from '../../outbound/create-outbound.ts'
import type { Metrics } from '../../stages/record/metrics/metrics.ts'
import { resourceOf } from '../../stages/record/otlp/otlp.ts'
import type { EventSink } from '../../stages/record/sink.ts'
import { createLogSink } from '../../stages/record/sinks/log-sink.ts'
import { createOtlpLogSink } from '../../stages/record/sinks/otlp-log-sink.ts'
import { createSyslogSink } from '../../stages/record/sinks/syslog-sink.ts'
import { createWebhookSink } from '../../stages/record/sinks/webhook-sink.ts'
import { version } from '../version.ts'

/** For one delivery, from the name to the last byte. */
export const deliverMs = 8_000

/** The sink that `log.events` names. */
export function createLogSinks({ log: { events } }: Pick<Config, 'log'>): EventSink[] {
  switch (events.kind) {
    case 'none':
      return []
    case 'stdout':
      return [createLogSink()]
    case 'stderr':
      return [createLogSink({ descriptor: 2 })]
    case 'file':
      return [createLogSink({ file: events.file })]
  }
}

/** The sinks that `audit.sinks` names. Throws `Unusable` where a file cannot be opened. */
export function createAuditSinks(
  { audit }: Pick<Config, 'audit'>,
  parts: { readonly outbound: Deliverer; readonly metrics: Metrics },
): EventSink[] {
  return audit.sinks.map((sink) => {
    try {
      return sinkOf(sink, parts)
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown'
      throw new Unusable([
        { rule: 'audit.sink', severity: 'error', message: `cannot open the sink ${sink.name}: ${reason}` },
      ])
    }
  })
}

function sinkOf(
  sink: AuditSinkConfig,
  { outbound, metrics }: { readonly outbound: Deliverer; readonly metrics: Metrics },
): EventSink {
  const { name, format, batch, queue } = sink
  const common = { name, format, batch, queue, version: version(), outbound, timeoutMs: deliverMs }
  switch (sink.kind) {
    case 'stdout':
      return createLogSink(common)
    case 'file':
      return createLogSink({
        ...common,
        file: sink.file,
        ...(sink.rotate !== undefined && { rotation: sink.rotate }),
      })
    case 'syslog':
      return createSyslogSink({ ...common, ...sink, carrier: carrierOf(sink) })
    case 'otlp':
      return createOtlpLogSink({
        ...common,
        url: sink.url,
        headers: revealed(sink.headers),
        resource: resourceOf('sallyport', version(), instance()),
        lost: (events) => metrics.lost('sink-rejected', events, name),
      })
    case 'webhook':
      return createWebhookSink({
        ...common,
        url: sink.url,
        headers: revealed(sink.headers),
        secret: sink.secret?.reveal(),
      })
  }
}

function carrierOf(
  sink: Extract<AuditSinkConfig, { kind: 'syslog' }>,
): Parameters<typeof createSyslogSink>[0]['carrier'] {
  const { protocol, host, port } = sink
  const text = (file: string): string => readFileSync(file, 'utf8')
  return createCarrier(
    {
      protocol,
      host,
      port,
      ...(sink.authorities !== undefined && { authorities: text(sink.authorities) }),
      ...(sink.certificate !== undefined && { certificate: text(sink.certificate) }),
      ...(sink.key !== undefined && { key: text(sink.key) }),
    },
    // It is written down, so it may be private: this host and port alone.
    { allowPrivate: [`${host.includes(':') ? `[${host}]` : host}:${port}`] },
  )
}

/** Which of several gateways this is. */
export function instance(): string {
  return `${hostname()}-${process.pid}`
}

/** Header fields in the clear, for the one call that sends them. */
export function revealed(headers: ReadonlyMap<string, Secret>): Readonly<Record<string, string>> {
  return Object.fromEntries([...headers].map(([name, value]) => [name, value.reveal()]))
}
