import { digestOf } from '../crypto/digest.ts'
import type { Clock } from '../kernel/clock.ts'
import type { RateSpec, RateStore } from '../kernel/ports.ts'
import { reachStore } from './store-unavailable.ts'

/** How fast devices ask whether their user is done (RFC 8628 section 3.5). */
export interface DevicePace {
  /** Seconds between two polls that a device is told at its start. */
  readonly interval: number
  /** Whether this poll of a code that is still pending comes too soon; each such poll makes the interval 5 s longer. */
  isTooFast(deviceCode: string): Promise<boolean>
}

const intervalMs = 5_000
/** A device counts from when it sent or got something, the network adds or takes a little. */
const leewayMs = 1_000
/** Longer than any device code lives: what is counted here is not forgotten before. */
const rememberMs = 3_600_000
const longestSteps = 11

/** Codes are counted by digest in the store of limits: shared between workers as that is, and forgotten with it. */
export function createDevicePace(rates: RateStore, clock: Clock): DevicePace {
  const steps: RateSpec = { rate: 1, windowMs: rememberMs, burst: longestSteps + 1 }
  return {
    interval: intervalMs / 1000,
    isTooFast: (deviceCode) =>
      reachStore(async () => {
        const key = digestOf(deviceCode)
        const now = clock.monotonic()
        const { remaining } = await rates.take(`authority device steps ${key}`, steps, 0, now)
        const windowMs = intervalMs * (1 + Math.min(longestSteps, steps.burst - remaining)) - leewayMs
        const poll = await rates.take(`authority device ${key}`, { rate: 1, windowMs, burst: 1 }, 1, now)
        if (poll.allowed) return false
        await rates.take(`authority device steps ${key}`, steps, 1, now)
        return true
      }),
  }
}
