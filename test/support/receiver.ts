import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** One request as the receiver saw it. */
export interface Posted {
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Answer {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** An HTTP server on loopback that keeps what it is sent; `answer` is asked for each reply, from 1. */
export async function startReceiver(
  t: TestContext,
  answer: (n: number) => Answer = () => ({ status: 200 }),
): Promise<{ readonly url: string; readonly posted: Posted[] }> {
  const posted: Posted[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      posted.push({ headers: request.headers, body })
      const { status, headers = {}, body: reply = '' } = answer(posted.length)
      response.writeHead(status, headers).end(reply)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`, posted }
}
