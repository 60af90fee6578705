import { randomBytes } from 'node:crypto'
import type { StoreConfig } from '../../config/types/gateway-config.ts'
import type { RedisConfig } from '../../config/values/redis-address.ts'
import { Unusable } from '../../kernel/finding.ts'
import type { LimitStores } from '../../kernel/limit-store.ts'
import type { ReplayStore } from '../../kernel/replay.ts'
import type { Log } from '../../stages/record/log.ts'
import { createMemoryReplayStore } from '../../stores/memory/replay-store.ts'
import { createLeasedRates } from '../../stores/redis/leased-rates.ts'
import { sharedSecret } from '../../stores/redis/ledger-journal.ts'
import type { RedisLink } from '../../stores/redis/link.ts'
import { createRedisPlaceStore } from '../../stores/redis/place-store.ts'
import { createRedisQuotaStore } from '../../stores/redis/quota-store.ts'
import { createRedisRateStore } from '../../stores/redis/rate-store.ts'
import { reasonOf } from '../../stores/redis/reason.ts'
import { rememberRefusals } from '../../stores/redis/remembered-refusals.ts'
import { createRedisReplayStore } from '../../stores/redis/replay-store.ts'
import { createRedisWindowStore } from '../../stores/redis/window-store.ts'
import { createMemoryLimits } from './limit-stores.ts'
import type { StoreHealth } from './store-health.ts'
import { redisOptionsOf } from './store-options.ts'

/** What gateways that serve the same callers have in common. */
export interface Shared {
  /** Where their store does not answer, they reject. */
  readonly limits: LimitStores
  readonly replays: ReplayStore
  /** Secret of the nonces that proofs must hold. */
  readonly nonceSecret: Uint8Array
  /** Undefined where this process is alone. */
  readonly link: RedisLink | undefined
  close(): void
}

/** Opens the shared store. Throws `Unusable` where it does not answer. */
export async function openShared({ shared }: StoreConfig, health: StoreHealth, log: Log): Promise<Shared> {
  if (shared.kind === 'memory') return openAlone()
  const link = await openLink(shared, health)
  try {
    await warnOfEviction(link, log)
    const limits: LimitStores = {
      rates: createLeasedRates(createRedisRateStore(link), { leaseMs: shared.leaseMs }),
      windows: rememberRefusals(createRedisWindowStore(link), shared.leaseMs),
      quotas: rememberRefusals(createRedisQuotaStore(link), shared.leaseMs),
      places: createRedisPlaceStore(link),
    }
    return {
      limits,
      replays: createRedisReplayStore(link, { onFault: () => health.without('replay') }),
      nonceSecret: await sharedSecret(link, 'nonces', 32),
      link,
      close: () => link.close(),
    }
  } catch (error) {
    link.close()
    throw unusable(shared, error)
  }
}

/** Of one process: what it knows ends with it. */
export function openAlone(): Shared {
  return {
    limits: createMemoryLimits(),
    replays: createMemoryReplayStore(),
    nonceSecret: randomBytes(32),
    link: undefined,
    close: () => undefined,
  }
}

async function openLink(shared: RedisConfig, health: StoreHealth): Promise<RedisLink> {
  try {
    // The client is hundreds of modules: read where there is a Redis alone.
    const { createRedisLink } = await import('../../stores/redis/link.ts')
    return await createRedisLink(redisOptionsOf(shared, health.watch('redis')))
  } catch (error) {
    if (error instanceof Unusable) throw error
    throw unusable(shared, error)
  }
}

/** Names the place, never user or password. */
function unusable({ mode, nodes }: RedisConfig, error: unknown): Unusable {
  const places = nodes.map(({ host, port }) => `${host}:${port}`).join(', ')
  const what = { single: 'Redis', cluster: 'the Redis cluster', sentinel: 'the sentinels' }[mode]
  return new Unusable([
    {
      rule: 'store.unusable',
      severity: 'error',
      message: `cannot use ${what} at ${places}: ${reasonOf(error)}`,
      fix: 'see that it runs there, is 6.2 or newer, and takes these credentials',
    },
  ])
}

/** A server that throws keys away when it is full forgets used values and locks: that is worth a word. */
async function warnOfEviction(link: RedisLink, log: Log): Promise<void> {
  const policy = await link.evictionPolicy().catch(() => undefined)
  if (policy !== undefined && policy !== 'noeviction')
    log.warn(
      { policy },
      'Redis may forget what it must not: used one-time values, locks, revocations; set maxmemory-policy noeviction',
    )
}
