import { redisOptionsOf as optionsOf } from '../../../src/app/state/store-options.ts'
import { parseRedisAddress } from '../../../src/config/values/redis-address.ts'
import type { RedisOptions } from '../../../src/stores/redis/options.ts'

/** Options of an address, as the configuration reads it; with time for a machine that has much to do. */
export function redisOptionsOf(url: string): RedisOptions {
  return { ...optionsOf(parseRedisAddress(url)), timeoutMs: 5_000 }
}
