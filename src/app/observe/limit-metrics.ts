import { Gauge, type Registry } from 'prom-client'
import type { Overload } from '../../stages/limit/overload/create-overload.ts'
import type { Tallies } from '../../stages/limit/tally.ts'
import { ExposedCounter } from '../../stages/record/metrics/exposed.ts'

const states: readonly string[] = ['closed', 'half-open', 'open']

/** Metrics of limits and of overload. Labels are bounded by the configuration. */
export function exposeLimits(registry: Registry, tallies: Tallies, overload: Overload): void {
  new ExposedCounter(
    {
      name: 'sallyport_limit_decisions_total',
      help: 'What limits decided. `observed` would have been refused, `delayed` waited first, `locked` locked its key.',
      labelNames: ['api', 'limit', 'outcome'],
      registry,
    },
    () =>
      [...tallies.all()].flatMap(({ api, limit, ...counts }) =>
        Object.entries(counts).map(([outcome, value]) => ({
          labels: { api, limit, outcome: outcome === 'faults' ? 'fault' : outcome },
          value,
        })),
      ),
  )
  new ExposedCounter(
    {
      name: 'sallyport_overload_shed_total',
      help: 'Calls that were shed, or in `observe` would have been, by reason and class.',
      labelNames: ['reason', 'class', 'outcome'],
      registry,
    },
    () =>
      overload.counts.all().map(({ reason, kind, outcome, count }) => ({
        labels: { reason, class: kind, outcome },
        value: count,
      })),
  )
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  }
  gauge(
    'sallyport_overload_event_loop_seconds',
    'How late the event loop is.',
    () => overload.pressure.delayMs / 1000,
  )
  gauge(
    'sallyport_overload_memory_ratio',
    'Share of the memory that may be used.',
    () => overload.pressure.memory,
  )
  gauge(
    'sallyport_overload_shed_ratio',
    'Share of calls that the process sheds now.',
    () => overload.pressure.shed,
  )
  const upstream = (
    name: string,
    help: string,
    read: (now: { limit: number; inFlight: number; waiting: number; breaker: string }) => number,
  ): void => {
    new Gauge({
      name,
      help,
      labelNames: ['api'],
      registers: [registry],
      collect() {
        for (const [api, guard] of overload.guards) this.set({ api }, read(guard.now))
      },
    })
  }
  upstream(
    'sallyport_upstream_limit',
    'Calls at once that an upstream bears, as learned.',
    (now) => now.limit,
  )
  upstream('sallyport_upstream_in_flight', 'Calls that an upstream has now.', (now) => now.inFlight)
  upstream('sallyport_upstream_waiting', 'Calls that wait for an upstream now.', (now) => now.waiting)
  upstream(
    'sallyport_upstream_breaker',
    'Circuit breaker of an upstream: 0 closed, 1 half-open, 2 open.',
    (now) => states.indexOf(now.breaker),
  )
  new ExposedCounter(
    {
      name: 'sallyport_upstream_breaker_opened_total',
      help: 'Times that the circuit breaker of an upstream opened.',
      labelNames: ['api'],
      registry,
    },
    () => [...overload.guards].map(([api, guard]) => ({ labels: { api }, value: guard.now.opened })),
  )
  new ExposedCounter(
    {
      name: 'sallyport_upstream_repeats_total',
      help: 'Calls that were sent once more (`made`), and those for which the budget of repeats was spent (`refused`).',
      labelNames: ['api', 'outcome'],
      registry,
    },
    () =>
      [...overload.guards].flatMap(([api, guard]) => {
        const { repeats, repeatsRefused } = guard.repeats()
        return [
          { labels: { api, outcome: 'made' }, value: repeats },
          { labels: { api, outcome: 'refused' }, value: repeatsRefused },
        ]
      }),
  )
}
