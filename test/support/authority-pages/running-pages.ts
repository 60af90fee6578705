import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAccountLinks } from '../../../src/authority/accounts/account-links.ts'
import type { InteractionView, Pages, ProtocolPage } from '../../../src/authority/interaction.ts'
import { createPages, type PagesOptions } from '../../../src/authority/pages/create-pages.ts'
import { createSealer } from '../../../src/crypto/sealer.ts'
import { createFakeAccounts, type FakeAccounts } from './fake-accounts.ts'
import { createFakeInteractions, type FakeInteractions } from './fake-interactions.ts'

/** The pages on a socket, with accounts and protocol in memory. */
export interface RunningPages {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string
  readonly issuer: string
  readonly accounts: FakeAccounts
  readonly interactions: FakeInteractions
  readonly pages: Pages
  /** Exceptions that the pages reported. */
  readonly faults: unknown[]
  /** What the next `GET /begin` starts. */
  next: Partial<InteractionView>
  /** What `GET /protocol` shows. */
  shown: ProtocolPage
  /** Fields of forms that were posted to the protocol's own paths. */
  readonly posted: string[]
  close(): Promise<void>
}

export interface RunningPagesOptions extends Partial<Pick<PagesOptions, 'theme' | 'words' | 'clock'>> {
  /** Issuer other than where the socket is, to see what is sent for it (`https://…`). */
  readonly issuer?: string
  readonly development?: boolean
}

export async function startPages(options: RunningPagesOptions = {}): Promise<RunningPages> {
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = options.issuer ?? `${origin}/auth`
  const accounts = createFakeAccounts(createAccountLinks(issuer))
  const interactions = createFakeInteractions('/auth', accounts)
  const faults: unknown[] = []
  const pages = createOrClose({
    issuer,
    accounts,
    interactions,
    sealer: createSealer(randomBytes(32)),
    caller: (request) => ({ address: request.socket.remoteAddress ?? '', requestId: 'request-1' }),
    ...(options.development === false ? {} : { mails: () => accounts.mails }),
    ...(options.theme === undefined ? {} : { theme: options.theme }),
    ...(options.words === undefined ? {} : { words: options.words }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    onFault: (error) => faults.push(error),
  })
  const running: RunningPages = {
    origin,
    issuer,
    accounts,
    interactions,
    pages,
    faults,
    next: {},
    shown: { kind: 'logged-out', client: undefined },
    posted: [],
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }

  function createOrClose(given: PagesOptions): Pages {
    try {
      return createPages(given)
    } catch (error) {
      server.close()
      throw error
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/begin') {
      const path = interactions.begin(response, running.next)
      response.writeHead(303, { location: path }).end()
      return
    }
    if (request.url === '/auth/protocol') {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      if (body !== '') running.posted.push(body)
      const { html, csp } = pages.render(running.shown)
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': csp ?? '',
      })
      response.end(html)
      return
    }
    if (!(await pages.handle(request, response))) response.writeHead(404).end()
  }
  return running
}
