import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'

/** A local server that counts what it is asked for. */
export interface KeyServer {
  readonly url: string
  readonly port: number
  /** Paths in order of arrival. */
  readonly asked: string[]
  /** Replaced by tests at will. */
  answer: (request: IncomingMessage, response: ServerResponse) => void
  /** Answers every path with this JSON. */
  serve(document: unknown): void
  /** Answers every path with this status. */
  fail(status: number): void
}

export async function startKeyServer(t: TestContext): Promise<KeyServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    self.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const self: KeyServer = {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    answer: (_request, response) => response.writeHead(404).end(),
    serve(document) {
      self.answer = (_request, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document))
    },
    fail(status) {
      self.answer = (_request, response) => response.writeHead(status).end('{}')
    },
  }
  return self
}

/** Waits until something holds, or fails after two seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 2000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('did not come to hold')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
