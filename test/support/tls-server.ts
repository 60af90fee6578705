import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { createTestAuthority } from '../stand-in/certificates.ts'

/** An https server on loopback, as a client of the authorization server has one. */
export interface TlsServer {
  readonly port: number
  /** `https://localhost:PORT` */
  readonly url: string
  /** PEM of the authority that its certificate is from. */
  readonly ca: string
  /** Requests in order of arrival, with their bodies. */
  readonly seen: { readonly method: string; readonly url: string; readonly body: string }[]
  /** Connections that were made, whether or not a request came. */
  readonly connections: () => number
  answer: (request: IncomingMessage, response: ServerResponse) => void
}

export async function startTlsServer(t: TestContext): Promise<TlsServer> {
  const authority = await createTestAuthority()
  const { key, cert } = await authority.issue(['localhost', '127.0.0.1'])
  let connections = 0
  const server = createServer({ key, cert }, (request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      self.seen.push({ method: request.method ?? '', url: request.url ?? '', body })
      self.answer(request, response)
    })
  })
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const self: TlsServer = {
    port,
    url: `https://localhost:${port}`,
    ca: authority.ca,
    seen: [],
    connections: () => connections,
    answer: (_request, response) => void response.writeHead(200).end(),
  }
  return self
}
