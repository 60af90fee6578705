import type { Socket } from 'node:net'

/** Connections open per address, so that one address cannot take them all. */
export class AddressLoad {
  readonly #limit: number
  readonly #open = new Map<string, number>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Counts a connection until it closes; false where the address has its share already. */
  admit(address: string, socket: Socket): boolean {
    const open = this.#open.get(address) ?? 0
    if (open >= this.#limit) return false
    this.#open.set(address, open + 1)
    socket.once('close', () => {
      const left = (this.#open.get(address) ?? 1) - 1
      if (left > 0) this.#open.set(address, left)
      else this.#open.delete(address)
    })
    return true
  }
}
