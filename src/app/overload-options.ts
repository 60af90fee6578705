import type { Config } from '../config/config.ts'
import { type CallClass, usualClass } from '../stages/limit/overload/call-class.ts'
import type { PressureOptions } from '../stages/limit/overload/pressure.ts'
import type { UpstreamGuardOptions } from '../stages/limit/overload/upstream-guard.ts'
import type { PolicyApi, Selecting } from './policy/policy.ts'

export function pressureOf({ overload }: Config): PressureOptions {
  return { mode: overload.mode, delayMs: overload.eventLoop, memory: overload.memory }
}

/** The guard of an API's upstream: never more calls at once than there may be connections. */
export function guardOptionsOf({ overload }: Config, { config }: PolicyApi): UpstreamGuardOptions {
  const { breaker, concurrency } = overload
  const most = config.upstream.connections
  return {
    mode: overload.mode,
    concurrency: { least: Math.min(concurrency.least, most), most, tolerance: concurrency.tolerance },
    breaker:
      breaker === undefined
        ? undefined
        : {
            failures: breaker.failures,
            calls: breaker.calls,
            openMs: breaker.open,
            probes: breaker.probes,
          },
    waiting: overload.waiting,
    waitMs: overload.wait,
  }
}

/** The class of each operation of an API, by slot; the last rule that selects one counts. */
export function classesOf(policy: Selecting, api: PolicyApi): ReadonlyMap<number, CallClass> {
  const classes = new Map(api.contract.operations.map((one) => [one.slot, usualClass(one)]))
  for (const rule of api.config.priority)
    for (const { slot } of policy.select(api, rule.for, `${rule.pointer}/for`)) classes.set(slot, rule.class)
  return classes
}
