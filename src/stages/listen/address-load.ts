import type { Socket } from 'node:net'
import { networkOf } from '../../kernel/network-of.ts'

/** Says whether an address may have one more connection; it is counted until the socket closes. */
export interface ConnectionCap {
  admit(address: string, socket: Socket): boolean
}

/** Connections open per address, IPv6 by /64, so that one cannot take them all. */
export class AddressLoad implements ConnectionCap {
  readonly #limit: number
  readonly #open = new Map<string, number>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Counts a connection until it closes; false where the address has its share already. */
  admit(address: string, socket: Socket): boolean {
    const network = networkOf(address)
    const open = this.#open.get(network) ?? 0
    if (open >= this.#limit) return false
    this.#open.set(network, open + 1)
    socket.once('close', () => {
      const left = (this.#open.get(network) ?? 1) - 1
      if (left > 0) this.#open.set(network, left)
      else this.#open.delete(network)
    })
    return true
  }
}
