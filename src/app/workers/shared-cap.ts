import { networkOf } from '../../kernel/network-of.ts'
import type { ConnectionCap } from '../../stages/listen/address-load.ts'
import type { SharedStores } from '../../stores/memory/shared-stores.ts'

/** Connections open per address over all workers; those of a worker that died do not count. */
export function createSharedCap(
  connections: SharedStores['connections'],
  owner: number,
  most: number,
): ConnectionCap {
  let next = 0
  return {
    admit(address, socket) {
      const network = networkOf(address)
      const holder = `${owner}:${next++}`
      // It is held for as long as it is open, and no longer.
      if (!connections.acquire(network, most, holder, Number.POSITIVE_INFINITY, 0).allowed) return false
      socket.once('close', () => connections.release(network, holder, 0))
      return true
    },
  }
}
