import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Listens for a server that can be made to call addresses (SSRF): every path that arrives is remembered. */
export interface Canary {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly port: number
  /** Number of requests so far whose path has this text. */
  hits(text: string): number
  /** Resolves true when a request with this text arrived, false when the time is over. */
  waitFor(text: string, ms: number): Promise<boolean>
  close(): Promise<void>
}

export interface CanaryOptions {
  /** Where to listen; default 127.0.0.1. */
  readonly address?: string
  /** Answers of paths, exactly: `/jwks.json` → JSON text. */
  readonly documents?: ReadonlyMap<string, string>
  /** What every other path answers. */
  readonly text: string
}

const maxPaths = 10_000

export async function createCanary({
  address = '127.0.0.1',
  documents,
  text,
}: CanaryOptions): Promise<Canary> {
  const paths: string[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    if (paths.length < maxPaths) paths.push((request.url ?? '').slice(0, 500))
    for (const look of waiting) look()
    const document = documents?.get((request.url ?? '').split('?')[0] ?? '')
    response.writeHead(200, { 'content-type': document === undefined ? 'text/plain' : 'application/json' })
    response.end(document ?? text)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })
  server.unref()
  const { port } = server.address() as AddressInfo
  const hits = (sought: string): number => paths.filter((path) => path.includes(sought)).length
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    port,
    hits,
    waitFor: (sought, ms) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (hits(sought) === 0) return
          clearTimeout(timer)
          waiting.delete(look)
          resolve(true)
        }
        const timer = setTimeout(() => {
          waiting.delete(look)
          resolve(false)
        }, ms)
        waiting.add(look)
        look()
      }),
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
