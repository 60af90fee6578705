import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** What a raw upstream does with one request head (latin-1 text, with whatever came behind it). */
export type Behaviour = (socket: Socket, head: string, turn: number) => void

/** A TCP server that says exactly what a test wants, well-formed or not. */
export interface RawUpstream {
  readonly url: string
  readonly port: number
  /** Heads received, in order. */
  readonly heads: string[]
  /** Connections accepted so far. */
  readonly accepted: () => number
  /** Connections open now. */
  readonly open: () => number
  readonly sockets: ReadonlySet<Socket>
  close(): Promise<void>
}

/** Starts one on a free port of the loopback. A string is sent as the reply to each request. */
export async function startRawUpstream(behaviour: Behaviour | string): Promise<RawUpstream> {
  const act: Behaviour =
    typeof behaviour === 'string' ? (socket) => socket.write(behaviour, 'latin1') : behaviour
  const sockets = new Set<Socket>()
  const heads: string[] = []
  let accepted = 0
  const server: Server = createServer({ noDelay: true }, (socket) => {
    accepted++
    sockets.add(socket)
    let text = ''
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end + 4)
        const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
        if (text.length < end + 4 + length) return
        const whole = text.slice(0, end + 4 + length)
        text = text.slice(end + 4 + length)
        heads.push(whole)
        act(socket, whole, heads.length)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    heads,
    accepted: () => accepted,
    open: () => sockets.size,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A 200 with a stated length. */
export function ok(body: string, fields = ''): string {
  return `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
