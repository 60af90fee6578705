import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An upstream that remembers, by the field `x-call`, what reached it. */
export interface Witness {
  readonly port: number
  /** Takes what reached it under a number out of its memory. */
  take(call: string): { readonly target: string; readonly body: Buffer } | undefined
  close(): Promise<void>
}

export async function startWitness(reply = '{}'): Promise<Witness> {
  const seen = new Map<string, { target: string; body: Buffer }>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const call = request.headers['x-call']
      if (typeof call === 'string') seen.set(call, { target: request.url ?? '', body: Buffer.concat(chunks) })
      response.setHeader('content-type', 'application/json')
      response.end(reply)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    take(call) {
      const found = seen.get(call)
      seen.delete(call)
      return found
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
