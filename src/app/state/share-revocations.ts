import type { RevocationStore } from '../../kernel/revocation.ts'
import type { RedisLink } from '../../stores/redis/link.ts'
import {
  createRedisRevocationStore,
  type RedisRevocationStore,
  revocationChannel,
} from '../../stores/redis/revocation-store.ts'
import type { State } from './state.ts'

const page = 500

/**
 * A state whose revocations all gateways hear of. With PostgreSQL they have one durable store already, and are told when to read
 * it; else Redis is what they have in common.
 */
export function shareRevocations(state: State, link: RedisLink | undefined): State {
  if (link === undefined) return state
  const { revocations } = state
  if (!state.everywhere)
    return { ...state, revocations: joinRevocations(revocations, createRedisRevocationStore(link)) }
  return {
    ...state,
    revocations: {
      since: (change, limit) => revocations.since(change, limit),
      purge: (now) => revocations.purge(now),
      async add(revocation, now) {
        const made = await revocations.add(revocation, now)
        // Who does not hear it reads it with the next turn.
        await link.publish(revocationChannel, '').catch(() => undefined)
        return made
      },
    },
  }
}

/** How a list of revocations hears of others. */
export function bellOf(link: RedisLink | undefined): { readonly bell?: (ring: () => void) => void } {
  if (link === undefined) return {}
  return { bell: (ring) => void link.listen(revocationChannel, ring).catch(() => undefined) }
}

/**
 * The deny-list of gateways that each have a durable store of their own and one in common: what is written into either is in
 * both. Whoever reads what all know first writes what only they know: what a command put into the durable store, and
 * all of it where the common store has lost its memory.
 */
export function joinRevocations(durable: RevocationStore, shared: RedisRevocationStore): RevocationStore {
  let written = 0
  let generation: string | undefined

  async function writeOwn(): Promise<void> {
    const present = await shared.generation()
    if (present !== generation) written = 0
    for (;;) {
      const own = await durable.since(written, page)
      for (const one of own) {
        if (one.until > Date.now()) await shared.add(one, one.created)
        written = one.change
      }
      if (own.length < page) break
    }
    generation = present
  }

  return {
    async add(revocation, now) {
      await durable.add(revocation, now)
      return shared.add(revocation, now)
    },
    async since(change, limit) {
      await writeOwn()
      return shared.since(change, limit)
    },
    async purge(now) {
      await shared.purge(now)
      return durable.purge(now)
    },
  }
}
