import { errors } from 'oidc-provider'
import type { Clock } from '../kernel/clock.ts'
import { networkOf } from '../kernel/network-of.ts'
import type { RateSpec, RateStore } from '../kernel/ports.ts'
import { reachStore } from './store-unavailable.ts'

/** Too many failed authentications from here (429). */
export class TooManyFailures extends errors.OIDCProviderError {
  /** Seconds until the next try may succeed. */
  readonly retryAfter: number

  constructor(retryMs: number) {
    super(429, 'temporarily_unavailable')
    this.error_description = 'too many failed attempts'
    this.allow_redirect = false
    this.retryAfter = Math.max(1, Math.ceil(retryMs / 1000))
  }
}

/**
 * Brute-force limits where clients authenticate. Only failures cost; they are counted for the address, and for the
 * client from that address: nobody can lock a client out of its own network. Unknown clients count like known ones.
 */
export interface FailureLimits {
  /** Throws `TooManyFailures`. */
  assertAddress(address: string): Promise<void>
  assertClient(client: string, address: string): Promise<void>
  /** True where this failure used the budget up. */
  failed(client: string | undefined, address: string): Promise<boolean>
}

const minute = 60_000
const addressSpec: RateSpec = { rate: 60, windowMs: minute, burst: 60 }
const clientSpec: RateSpec = { rate: 10, windowMs: minute, burst: 10 }

export function createFailureLimits(store: RateStore, clock: Clock): FailureLimits {
  const addressKey = (address: string): string => `authority address ${networkOf(address)}`
  const clientKey = (client: string, address: string): string =>
    `authority client ${networkOf(address)} ${client.slice(0, 200)}`

  const assertRoom = (key: string, spec: RateSpec): Promise<void> =>
    reachStore(async () => {
      const { remaining, retryMs, resetMs } = await store.take(key, spec, 0, clock.monotonic())
      if (remaining < 1) throw new TooManyFailures(Math.max(retryMs, resetMs / spec.burst))
    })

  return {
    assertAddress: (address) => assertRoom(addressKey(address), addressSpec),
    assertClient: (client, address) => assertRoom(clientKey(client, address), clientSpec),
    failed: (client, address) =>
      reachStore(async () => {
        const now = clock.monotonic()
        await store.take(addressKey(address), addressSpec, 1, now)
        if (client === undefined) return false
        const { remaining } = await store.take(clientKey(client, address), clientSpec, 1, now)
        return remaining < 1
      }),
  }
}
