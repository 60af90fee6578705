import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** One question as the server got it. */
export interface AskedToken {
  readonly method: string
  readonly authorization: string | undefined
  readonly contentType: string | undefined
  readonly form: URLSearchParams
}

/** A token introspection endpoint (RFC 7662) on a socket of its own. */
export interface IntrospectionServer {
  readonly url: string
  readonly asked: AskedToken[]
  /** What is said of each token; whoever is not in it is not active. */
  readonly tokens: Map<string, unknown>
  /** Replaced by tests at will. */
  answer: (question: AskedToken, response: ServerResponse) => void
  /** Answers every question with this status and text. */
  say(status: number, text: string): void
  stop(): Promise<void>
}

export async function startIntrospectionServer(t: {
  after(end: () => Promise<void>): void
}): Promise<IntrospectionServer> {
  const asked: AskedToken[] = []
  const tokens = new Map<string, unknown>()
  const send = (response: ServerResponse, value: unknown): void => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const question = {
        method: request.method ?? '',
        authorization: request.headers.authorization,
        contentType: request.headers['content-type'],
        form: new URLSearchParams(Buffer.concat(chunks).toString('utf8')),
      }
      asked.push(question)
      self.answer(question, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  t.after(stop)
  const self: IntrospectionServer = {
    url: `http://127.0.0.1:${port}/introspect`,
    asked,
    tokens,
    answer: ({ form }, response) => send(response, tokens.get(form.get('token') ?? '') ?? { active: false }),
    say(status, text) {
      self.answer = (_question, response) => response.writeHead(status).end(text)
    },
    stop,
  }
  return self
}
