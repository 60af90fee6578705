import { connect, type Socket } from 'node:net'

/** What came back on one raw connection. */
export interface RawAnswer {
  readonly text: string
  /** Status of each reply, interim ones included, in order. */
  readonly statuses: readonly number[]
  /** The listener closed or reset the connection by itself. */
  readonly closed: boolean
}

/** Sends bytes as they are and reads until the listener closes or nothing comes for `quietMs`. */
export function sendRaw(port: number, bytes: string | Uint8Array, quietMs = 120): Promise<RawAnswer> {
  return converse(port, [bytes], quietMs)
}

/** Sends several parts, each after a pause. */
export function converse(
  port: number,
  parts: readonly (string | Uint8Array)[],
  quietMs = 120,
  pauseMs = 30,
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = ''
    let timer: NodeJS.Timeout | undefined
    const socket: Socket = connect({ port, host: '127.0.0.1' })
    const finish = (closed: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ text, statuses: statusesOf(text), closed })
    }
    const quiet = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => finish(false), quietMs)
    }
    socket.on('connect', () => {
      for (const [index, part] of parts.entries())
        setTimeout(() => {
          quiet()
          socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part)
        }, index * pauseMs)
    })
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      quiet()
    })
    socket.on('end', () => finish(true))
    socket.on('error', () => finish(true))
  })
}

function statusesOf(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]))
}
