import { Gauge, type Registry } from 'prom-client'
import type { Stream } from '../../admin/stream.ts'
import { ExposedCounter } from '../../stages/record/metrics/exposed.ts'

/** Metrics of the live stream of the admin address. */
export function exposeStream(registry: Registry, stream: Stream): void {
  new Gauge({
    name: 'sallyport_admin_stream_readers',
    help: 'Browsers that follow the live events.',
    registers: [registry],
    collect() {
      this.set(stream.readers)
    },
  })
  new ExposedCounter(
    {
      name: 'sallyport_admin_stream_lost_total',
      help: 'Live events that a browser was not sent, because it was slow or there were too many.',
      labelNames: [],
      registry,
    },
    () => [{ labels: {}, value: stream.lost }],
  )
}
