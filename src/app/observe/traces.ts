import type { Config } from '../../config/config.ts'
import { isKept } from '../../kernel/sampling.ts'
import type { Deliverer } from '../../outbound/create-outbound.ts'
import type { Log } from '../../stages/record/log.ts'
import type { Metrics } from '../../stages/record/metrics/metrics.ts'
import { resourceOf } from '../../stages/record/otlp/otlp.ts'
import { createTracer, type Tracer } from '../../stages/record/traces/create-tracer.ts'
import type { Destination } from '../../stages/record/traces/span.ts'
import type { PolicyApi } from '../policy/policy.ts'
import { version } from '../version.ts'
import { deliverMs, instance, revealed } from './audit-sinks.ts'

/** Where calls go, by API: spans name it. Filled by each policy that comes into force. */
export type Destinations = Map<string, Destination>

/** Where the calls of these APIs go. */
export function fillDestinations(destinations: Destinations, apis: readonly PolicyApi[]): void {
  destinations.clear()
  for (const { config, basePath } of apis) {
    const url = new URL(config.upstream.url)
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
    destinations.set(config.name, { host: url.hostname, port, basePath })
  }
}

/** The API with the longest base path in front of a path, and the rest of it; no API where none has. */
export function apiIn(
  destinations: Destinations,
): (path: string) => { readonly api: string; readonly path: string } {
  return (path) => {
    let found = { api: '', path }
    let longest = -1
    for (const [api, { basePath }] of destinations) {
      if (basePath.length <= longest) continue
      if (path !== basePath && !path.startsWith(`${basePath}/`)) continue
      longest = basePath.length
      found = { api, path: path.slice(basePath.length) || '/' }
    }
    return found
  }
}

/** The tracer that `traces` asks for; undefined where it is not written. */
export function createConfiguredTracer(
  { traces }: Pick<Config, 'traces'>,
  parts: {
    readonly outbound: Deliverer
    readonly metrics: Metrics
    readonly log: Log
    readonly destinations: Destinations
  },
): Tracer | undefined {
  if (traces === undefined) return undefined
  return createTracer({
    url: traces.url,
    headers: revealed(traces.headers),
    timeoutMs: deliverMs,
    ratio: traces.ratio,
    respectCallers: traces.callers === 'respect',
    batch: traces.batch,
    queue: traces.queue,
    resource: resourceOf(traces.service, version(), instance()),
    version: version(),
    outbound: parts.outbound,
    log: parts.log,
    counted: parts.metrics.traced,
    destinationOf: (api) => parts.destinations.get(api),
  })
}

/** Which traces are kept, for what the upstream is told; undefined where none is. */
export function keptTraces({ traces }: Pick<Config, 'traces'>): ((traceId: string) => boolean) | undefined {
  return traces === undefined ? undefined : (traceId) => isKept(traceId, traces.ratio)
}
