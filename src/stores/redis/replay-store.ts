import type { ReplayAnswer, ReplayStore } from '../../kernel/replay.ts'
import type { RedisLink } from './link.ts'

export interface RedisReplayStoreOptions {
  /** Told each time that nobody could say whether a value was used before. */
  readonly onFault?: () => void
}

/**
 * One-time values in Redis, over all gateways, for as long as the server's clock says. Where it does not answer nothing passes:
 * `full`, as a store without room says it. It must not forget: see `evictionPolicyOf`.
 */
export function createRedisReplayStore(link: RedisLink, options: RedisReplayStoreOptions = {}): ReplayStore {
  return {
    async admit(key, ttlMs): Promise<ReplayAnswer> {
      try {
        const ttl = Math.max(1, Math.ceil(ttlMs))
        const set = await link.command(link.place('seen', key), 'SET', ['1', 'NX', 'PX', String(ttl)])
        return set === null ? 'seen' : 'fresh'
      } catch {
        options.onFault?.()
        return 'full'
      }
    },
  }
}
