import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as oidc from 'openid-client'
import { type TravelClient, travelClients } from './clients.ts'
import { type Offer, type Outcome, renderPage, style, type Visit } from './page.ts'

export interface ClientOptions {
  /** 0 lets the kernel choose. */
  readonly port: number
  /** Issuer of the authorization server; asked when somebody signs in. */
  readonly issuer: string
  /** Where the travel API is reached. */
  readonly api: string
}

export interface Client {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  close(): Promise<void>
}

/** What a browser has here: tokens stay on this side, the browser holds a cookie. */
interface Session {
  started:
    | {
        readonly client: TravelClient
        readonly verifier: string
        readonly state: string
        readonly nonce: string
      }
    | undefined
  visit: (Visit & { readonly accessToken: string; readonly idToken: string }) | undefined
  outcome: Outcome | undefined
}

const offers: readonly Offer[] = [
  { name: 'profile', path: '/api/v1/users/{me}/profile', words: 'Read my profile' },
  { name: 'calendar', path: '/api/v1/users/{me}/calendar', words: 'Read my calendar' },
  { name: 'other', path: '/api/v1/users/456/profile', words: 'Read the profile of user 456' },
  { name: 'bookings', path: '/bookings', words: 'Read my bookings' },
]
const cookieName = 'travel-client'
const most = 100
const securityPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'`

/**
 * A small client for browsers: authorization code with PKCE, then calls of the API with the token that came of it. It serves
 * loopback only, and its clients keep no secret.
 */
export async function startClient(options: ClientOptions): Promise<Client> {
  const sessions = new Map<string, Session>()
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(error instanceof Error ? error.message : 'failed')
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = new URL(request.url ?? '/', url)
    const { origin } = request.headers
    // A name that is made to lead here, and forms of other sites, are not served.
    if (request.headers.host !== new URL(url).host || (request.method === 'POST' && origin !== url))
      return void response.writeHead(403).end()
    const session = sessionOf(request, response)
    const action = actions.get(`${request.method} ${at.pathname}`)
    if (action === undefined) return void response.writeHead(404).end()
    const form = request.method === 'POST' ? await readForm(request) : at.searchParams
    const to = await action(session, form, at)
    if (to !== undefined) return void response.writeHead(303, { location: to }).end()
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': securityPolicy,
      'referrer-policy': 'same-origin',
    })
    response.end(renderPage(travelClients, offers, session.visit, session.outcome))
  }

  /** Answers with where the browser goes next; undefined for the page itself. */
  type Action = (session: Session, form: URLSearchParams, at: URL) => Promise<string | undefined>
  const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
    ['GET /', () => Promise.resolve(undefined)],
    ['POST /login', login],
    ['GET /callback', callback],
    ['POST /call', call],
    ['POST /logout', logout],
  ])

  async function login(session: Session, form: URLSearchParams): Promise<string> {
    const client =
      travelClients.find(({ id }) => id === form.get('client')) ?? (travelClients[0] as TravelClient)
    const config = await discover(client)
    const started = {
      client,
      verifier: oidc.randomPKCECodeVerifier(),
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
    }
    session.started = started
    return oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${url}/callback`,
      scope: ['openid', 'email', ...client.scopes, ...form.getAll('more')].join(' '),
      code_challenge: await oidc.calculatePKCECodeChallenge(started.verifier),
      code_challenge_method: 'S256',
      state: started.state,
      nonce: started.nonce,
    }).href
  }

  async function callback(session: Session, _form: URLSearchParams, at: URL): Promise<string> {
    const { started } = session
    session.started = undefined
    if (started === undefined) return '/'
    const { client } = started
    try {
      const tokens = await oidc.authorizationCodeGrant(await discover(client), at, {
        pkceCodeVerifier: started.verifier,
        expectedState: started.state,
        expectedNonce: started.nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      session.visit = {
        client,
        subject: claims?.sub ?? '',
        email: String(claims?.['email'] ?? ''),
        scopes: tokens.scope?.split(' ') ?? [],
        accessToken: tokens.access_token,
        idToken: tokens.id_token ?? '',
      }
      session.outcome = undefined
    } catch (error) {
      const refused = error instanceof oidc.AuthorizationResponseError
      session.outcome = {
        what: `${client.name} was refused`,
        answer: refused ? `${error.error}: ${error.error_description ?? ''}` : String(error),
      }
    }
    return '/'
  }

  async function call(session: Session, form: URLSearchParams): Promise<string> {
    const offer = offers.find(({ name }) => name === form.get('name'))
    const { visit } = session
    if (offer === undefined || visit === undefined) return '/'
    const path = offer.path.replace('{me}', encodeURIComponent(visit.subject))
    const reply = await fetch(options.api + path, {
      headers: { authorization: `Bearer ${visit.accessToken}` },
    })
    const challenge = reply.headers.get('www-authenticate')
    session.outcome = {
      what: `GET ${path}`,
      answer: `${reply.status}${challenge === null ? '' : `\n${challenge}`}\n\n${await reply.text()}`,
    }
    return '/'
  }

  async function logout(session: Session): Promise<string> {
    const { visit } = session
    session.visit = undefined
    session.outcome = undefined
    if (visit === undefined) return '/'
    return oidc.buildEndSessionUrl(await discover(visit.client), {
      id_token_hint: visit.idToken,
      post_logout_redirect_uri: `${url}/`,
    }).href
  }

  function discover(client: TravelClient): Promise<oidc.Configuration> {
    return oidc.discovery(new URL(options.issuer), client.id, undefined, oidc.None(), {
      // Loopback: nothing of it leaves the machine.
      execute: [oidc.allowInsecureRequests],
    })
  }

  function sessionOf(request: IncomingMessage, response: ServerResponse): Session {
    const id = new RegExp(`(?:^|; )${cookieName}=([\\w-]{22})`).exec(request.headers.cookie ?? '')?.[1]
    const known = id === undefined ? undefined : sessions.get(id)
    if (known !== undefined) return known
    const made = randomBytes(16).toString('base64url')
    const session: Session = { started: undefined, visit: undefined, outcome: undefined }
    const oldest = sessions.size >= most ? sessions.keys().next().value : undefined
    if (oldest !== undefined) sessions.delete(oldest)
    sessions.set(made, session)
    response.setHeader('set-cookie', `${cookieName}=${made}; HttpOnly; SameSite=Lax; Path=/`)
    return session
  }

  return {
    url,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk)
    if (text.length > 4096) throw new Error('the form is too large')
  }
  return new URLSearchParams(text)
}
