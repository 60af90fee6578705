import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import type { JWK } from 'jose'
import type Provider from 'oidc-provider'
import { createAdapterFactory } from './adapter.ts'
import { answerPostedRequest } from './answer-posted-request.ts'
import { type BrowserSessions, createBrowserSessions } from './browser-sessions.ts'
import { type Call, runCall } from './call.ts'
import { type Clients, createClients } from './clients.ts'
import { createConsents } from './consents.ts'
import { createInteractions } from './create-interactions.ts'
import { createProvider } from './create-provider.ts'
import { createDevicePace } from './device-pace.ts'
import { findEndpoint, mountOf, placeOf } from './endpoints.ts'
import { createExtraClaims } from './extra-claims.ts'
import { createFailureLimits } from './failure-limits.ts'
import { createFamilies } from './families.ts'
import type { Caller, Interactions, Pages } from './interaction.ts'
import { type AuthorityOptions, defaultLifetimes, type Resource } from './options.ts'
import { createOwnTokens, type OwnToken } from './own-tokens.ts'
import { BadForm } from './pages/http/read-form.ts'
import { createProtocolPages } from './protocol-pages.ts'
import { createRecordBox } from './record-box.ts'
import { createResources } from './resources.ts'
import { createSigningKeys } from './signing-keys.ts'
import { createStructuredTokens } from './structured-tokens.ts'
import { registerTokenExchange } from './token-exchange.ts'

/** How one request came in, as the listener saw it. */
export interface Arrival extends Caller {
  /** DER of the verified client certificate. */
  readonly certificate: Uint8Array | undefined
}

/** What the record should know of a request beside its status. Holds no secret. */
export interface Outcome {
  readonly endpoint: string
  readonly client: string | undefined
  readonly sub: string | undefined
  /** OAuth error code. */
  readonly error: string | undefined
  readonly notes: readonly string[]
}

/** The embedded OAuth 2.x / OpenID Connect server. */
export interface Authority {
  readonly issuer: string
  /** Path of the issuer, empty for the root. */
  readonly mount: string
  readonly interactions: Interactions
  readonly clients: Clients
  readonly sessions: Pick<BrowserSessions, 'end' | 'signOutEverywhere'>
  /** The pages that answer below `/interaction/`, `/account`, `/assets/`, and draw what the protocol shows. */
  usePages(pages: Pages): void
  /** Answers one request; `request.url` starts with the issuer's path. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse, arrival: Arrival): Promise<Outcome>
  /** Other APIs or scopes, after the configuration changed. */
  useResources(resources: readonly Resource[]): void
  /** Public keys, for the gateway's own APIs. */
  publicKeys(): { readonly keys: readonly JWK[] }
  /** New signing keys, at once; the old ones stay published until their tokens have ended. */
  rotateKeys(): Promise<void>
  /** Looks for keys that another process made, rotates what is due, forgets what has ended. */
  tend(): Promise<void>
  close(): void
}

const tendMs = 5_000
const sweepMs = 60_000
const sweepBatch = 200
const sweepMost = 500

/** Builds the server. Throws `Error` where the signing keys cannot be opened with this sealing key. */
export async function createAuthority(options: AuthorityOptions): Promise<Authority> {
  const { issuer, clock, records, sealer, accounts } = options
  const lifetimes = { ...defaultLifetimes, ...options.lifetimes }
  const mount = mountOf(issuer)
  const secure = issuer.startsWith('https:')
  const now = (): number => clock.now()
  let pages: Pages | undefined
  let provider: Provider
  const current = (): Provider => provider

  const box = createRecordBox(sealer, clock)
  const families = createFamilies({
    records,
    box,
    clock,
    revocations: options.revocations,
    issuerNames: options.issuerNames,
    tokenSeconds: lifetimes.accessToken,
  })
  const clients = createClients({
    repository: options.clients,
    clock,
    endTokens: (id) => families.revokeAll({ client: id }),
    isSubject: async (id) => (await accounts.find(id)) !== undefined,
  })
  const consents = createConsents(records, box, clock, lifetimes.grant)
  const resources = createResources(options.resources, lifetimes.accessToken)
  const keys = await createSigningKeys({
    repository: options.keys,
    sealer,
    clock,
    rotateMs: options.rotateMs ?? 90 * 86_400_000,
  })
  const tokens = createOwnTokens({ issuer, now, isRevoked: options.isRevoked ?? (() => false) })
  const extra = createExtraClaims(accounts)
  const isAlive = async (token: OwnToken): Promise<boolean> => {
    if (token.sub === token.client) return (await clients.metadata(token.sub)) !== undefined
    return (await accounts.find(token.sub))?.disabled === false
  }
  const adapter = createAdapterFactory({
    records,
    box,
    clock,
    client: clients.metadata,
    revokeFamily: families.revoke,
    revokeIssued: families.revokeIssued,
    onReuse(model, payload) {
      const kind = model === 'RefreshToken' ? 'refresh-reuse' : 'code-reuse'
      options.onEvent?.({ kind, client: payload.clientId, sub: payload.accountId })
    },
  })
  const parts = {
    options,
    lifetimes,
    adapter,
    accounts,
    consents,
    families,
    resources,
    extra,
    records,
    box,
    pages: createProtocolPages(() => pages),
    limits: createFailureLimits(options.rates, clock),
    pace: createDevicePace(options.rates, clock),
    structured: createStructuredTokens({ issuer, tokens, isAlive, deny: families.deny }),
  }

  let answer: ReturnType<Provider['callback']>
  function build(): void {
    provider = createProvider({ ...parts, keys: keys.all })
    registerTokenExchange(provider, {
      tokens,
      resources,
      tokenSeconds: lifetimes.accessToken,
      now,
      isAlive,
      extra,
    })
    tokens.use(keys.published.keys)
    answer = provider.callback()
  }
  build()

  const sessions = createBrowserSessions({
    provider: current,
    records,
    box,
    clock,
    families,
    lifetimes,
    secure,
    onLogoutFailed: (client, error) =>
      options.onEvent?.({
        kind: 'logout-failed',
        client,
        detail: error instanceof Error ? error.message : 'unknown',
      }),
  })
  const interactions = createInteractions({
    provider: current,
    mount,
    lifetimes,
    resources,
    consents,
    families,
    sessions,
  })

  let sweptAt = clock.monotonic()
  async function tend(): Promise<void> {
    if (await keys.refresh()) {
      build()
      options.onEvent?.({ kind: 'keys-rotated' })
    }
    if (clock.monotonic() - sweptAt < sweepMs) return
    sweptAt = clock.monotonic()
    const ended = Math.floor(clock.now() / 1000)
    // A little at a time: the store is on this thread.
    for (let batch = 0; batch < sweepMost && (await records.sweep(ended, sweepBatch)) === sweepBatch; batch++)
      await turn()
  }
  const timer = setInterval(() => {
    tend().catch((error: unknown) =>
      options.onEvent?.({ kind: 'fault', detail: error instanceof Error ? error.message : 'unknown' }),
    )
  }, tendMs).unref()

  return {
    issuer,
    mount,
    interactions,
    clients,
    sessions,
    usePages(next) {
      pages = next
    },
    async handle(request, response, arrival) {
      const [path = '', query] = (request.url ?? '').split(/\?(.*)/s)
      const place = placeOf(mount, path)
      const endpoint = place === undefined ? undefined : findEndpoint(place)
      const call: Call = {
        caller: { address: arrival.address, requestId: arrival.requestId },
        endpoint: endpoint?.name ?? 'unknown',
        back: endpoint?.back ?? false,
        certificate: arrival.certificate,
        client: undefined,
        sub: undefined,
        error: undefined,
        notes: [],
        structured: undefined,
        retryAfter: undefined,
      }
      try {
        if (place === undefined || endpoint === undefined || !endpoint.methods.includes(request.method ?? ''))
          refuse(response, endpoint === undefined ? 404 : 405)
        else if (endpoint.front && request.method === 'POST')
          await answerPostedRequest(request, response, `${mount}${place}`)
        else {
          bind(request, issuer)
          await runCall(call, request, async () => {
            if (endpoint.page) {
              if (!((await pages?.handle(request, response)) ?? false)) refuse(response, 404)
              return
            }
            // The protocol server is mounted: it sees the path below the issuer.
            request.url = query === undefined ? place : `${place}?${query}`
            Object.assign(request, { baseUrl: mount })
            await answer(request, response)
          })
        }
      } catch (error) {
        if (error instanceof BadForm) {
          // What was not read of the body is not the next request.
          response.setHeader('Connection', 'close')
          refuse(response, error.status)
          call.error = 'invalid_request'
        } else {
          options.onEvent?.({ kind: 'fault', detail: error instanceof Error ? error.message : 'unknown' })
          if (response.headersSent) response.destroy()
          else refuse(response, 503)
        }
      }
      const { client, sub, error, notes } = call
      return { endpoint: call.endpoint, client, sub, error, notes }
    },
    useResources: resources.replace,
    publicKeys: () => keys.published,
    async rotateKeys() {
      await keys.rotate()
      build()
      options.onEvent?.({ kind: 'keys-rotated' })
    },
    tend,
    close: () => clearInterval(timer),
  }
}

/** What the protocol server believes of the connection comes from the issuer, whatever the request says. */
function bind(request: IncomingMessage, issuer: string): void {
  const { protocol, host } = new URL(issuer)
  const { headers } = request
  headers.host = host
  headers['x-forwarded-proto'] = protocol.slice(0, -1)
  headers['x-forwarded-host'] = host
  delete headers['x-forwarded-for']
  delete headers.forwarded
}

const reasons: ReadonlyMap<number, string> = new Map([
  [400, 'malformed request'],
  [404, 'not found'],
  [405, 'method not allowed'],
  [413, 'request too long'],
  [415, 'not a form'],
])

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
  response.end(reasons.get(status) ?? 'temporarily unavailable')
}
