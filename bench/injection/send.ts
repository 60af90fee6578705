import { connect } from 'node:net'

/** What came back: the status, 0 where the connection was closed without one. */
export interface Sent {
  readonly status: number
  /** Problem code of a refusal, where the body names one. */
  readonly code: string | undefined
  readonly milliseconds: number
}

const timeoutMs = 10_000

/** Sends bytes over a connection of their own and reads the reply. */
export function send(port: number, bytes: Buffer): Promise<Sent> {
  return new Promise((resolve) => {
    const before = performance.now()
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1')
    const timer = setTimeout(() => socket.destroy(), timeoutMs)
    let done = false
    const finish = (): void => {
      if (done) return
      done = true
      clearTimeout(timer)
      const text = Buffer.concat(chunks).toString('latin1')
      resolve({
        status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0),
        code: /"code":"([A-Z_]+)"/.exec(text)?.[1],
        milliseconds: performance.now() - before,
      })
    }
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', finish)
    socket.on('close', finish)
    socket.on('connect', () => socket.write(bytes))
  })
}
