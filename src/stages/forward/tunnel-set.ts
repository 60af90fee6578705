import type { Socket } from 'node:net'

/** The upstream sides of all tunnels, from the handshake on, so that they are bounded and can be closed. */
export class TunnelSet {
  readonly #most: number
  readonly #sockets = new Set<Socket>()

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#sockets.size
  }

  get hasRoom(): boolean {
    return this.#sockets.size < this.#most
  }

  add(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
