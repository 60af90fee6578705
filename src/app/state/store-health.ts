import { Counter, Gauge, type Registry } from 'prom-client'
import type { StoreWatch } from '../../kernel/store-watch.ts'
import type { Log } from '../../stages/record/log.ts'

/** How the stores of other processes fare, for metrics and the log. */
export interface StoreHealth {
  /** The eye on one store; `name` is its label in metrics. */
  watch(name: string): StoreWatch
  /** A control that had to do without its store. */
  without(control: string): void
}

/** A loss is said once, and its end: a store that does not answer would fill the log. */
export function createStoreHealth(registry: Registry, log: Log): StoreHealth {
  const up = new Gauge({
    name: 'sallyport_store_up',
    help: '1 while a store of another process answers, else 0: alert on 0.',
    labelNames: ['store'],
    registers: [registry],
  })
  const faults = new Counter({
    name: 'sallyport_store_faults_total',
    help: 'Times that a store of another process did not answer.',
    labelNames: ['store'],
    registers: [registry],
  })
  const without = new Counter({
    name: 'sallyport_store_without_total',
    help: 'Decisions of a control that had to do without its store: limits by this process alone, replays refused.',
    labelNames: ['control'],
    registers: [registry],
  })
  return {
    watch(name) {
      let works = true
      up.set({ store: name }, 1)
      return {
        works() {
          if (works) return
          works = true
          up.set({ store: name }, 1)
          log.warn({ store: name }, 'the store answers again')
        },
        failed(reason) {
          faults.inc({ store: name })
          if (!works) return
          works = false
          up.set({ store: name }, 0)
          log.error({ store: name, reason }, 'the store does not answer')
        },
      }
    },
    without: (control) => without.inc({ control }),
  }
}
