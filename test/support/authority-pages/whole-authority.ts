import { randomBytes } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAccountLinks } from '../../../src/authority/accounts/account-links.ts'
import type { Accounts } from '../../../src/authority/accounts/accounts.ts'
import { createAccounts } from '../../../src/authority/accounts/create-accounts.ts'
import { cheapHashing } from '../../../src/authority/accounts/test-bed/accounts-bed.ts'
import { type Authority, createAuthority } from '../../../src/authority/create-authority.ts'
import { createPages } from '../../../src/authority/pages/create-pages.ts'
import { createSealer } from '../../../src/crypto/sealer.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { createAccountRepositories } from '../../../src/repositories/account-repositories.ts'
import { createAuthorityRecords } from '../../../src/repositories/authority-records.ts'
import { createClientRepository } from '../../../src/repositories/clients.ts'
import { createSigningKeyRepository } from '../../../src/repositories/signing-keys.ts'
import { createMemoryRateStore } from '../../../src/stores/memory/rate-store.ts'
import { createSqliteStateStore } from '../../../src/stores/sqlite/state-store.ts'
import { createMailBox, type MailBox } from './mail-box.ts'

export const api = 'https://api.travel.example'

/** The authorization server as it runs: protocol, accounts and pages over one database in memory. */
export interface WholeAuthority extends AsyncDisposable {
  /** `http://localhost:PORT`: passkeys need a name. */
  readonly origin: string
  readonly issuer: string
  readonly authority: Authority
  readonly accounts: Accounts
  readonly mailBox: MailBox
  /** Where clients live: another origin than the server's. */
  readonly clientOrigin: string
  /** An authorization request of the client, with more parameters. */
  authorizeUrl(client: string, more?: Readonly<Record<string, string>>): string
  /** The server's token endpoint, and any other. */
  post(path: string, body: Readonly<Record<string, string>>): Promise<Record<string, unknown>>
}

/** PKCE of every request (RFC 7636 appendix B). */
export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

export async function startWholeAuthority(): Promise<WholeAuthority> {
  const state = await createSqliteStateStore(':memory:')
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/callback') === true) return answerCallback(response)
    const address = request.socket.remoteAddress ?? ''
    void authority.handle(request, response, { address, requestId: 'e2e', certificate: undefined })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const origin = `http://localhost:${port}`
  const clientOrigin = `http://127.0.0.1:${port}`
  const issuer = `${origin}/auth`
  const sealer = createSealer(randomBytes(32))
  const rates = createMemoryRateStore()
  const mailBox = createMailBox()
  const accounts: Accounts = createAccounts({
    repositories: createAccountRepositories(state.db),
    rates,
    sealer,
    mailer: mailBox,
    product: 'Sallyport',
    origin,
    links: createAccountLinks(issuer),
    onEvent: () => undefined,
    hashing: cheapHashing,
    floorMs: 0,
    hooks: {
      onDisabled: (sub) => authority.sessions.signOutEverywhere(sub),
      onSignOut: (sub, keep) => authority.sessions.signOutEverywhere(sub, keep),
      onSessionEnd: (sub, id) => authority.sessions.end(sub, id),
    },
  })
  const authority = await createAuthority({
    issuer,
    issuerNames: ['authority'],
    resources: [
      {
        identifier: api,
        scopes: new Map([
          ['profile:read', 'Read your travel profile'],
          ['calendar:read', 'See your calendar'],
          ['bookings:write', 'Book and cancel trips for you'],
        ]),
      },
    ],
    accounts,
    records: createAuthorityRecords(state.db),
    clients: createClientRepository(state.db),
    keys: createSigningKeyRepository(state.db),
    sealer,
    rates,
    clock: systemClock,
    dpopNonceRequired: false,
  })
  authority.usePages(
    createPages({ issuer, accounts, interactions: authority.interactions, sealer, mails: mailBox.mails }),
  )
  const scopes = ['profile:read', 'calendar:read']
  await authority.clients.create(
    {
      name: 'Trip Planner',
      authentication: 'none',
      grants: ['code', 'refresh'],
      redirectUris: [`${clientOrigin}/callback`],
      postLogoutRedirectUris: [`${clientOrigin}/callback`],
      policyUri: 'https://planner.example/privacy',
      tosUri: 'https://planner.example/terms',
      scopes,
    },
    'planner',
  )
  await authority.clients.create(
    { name: 'Kitchen Display', authentication: 'none', grants: ['device', 'refresh'], scopes },
    'display',
  )
  return {
    origin,
    issuer,
    authority,
    accounts,
    mailBox,
    clientOrigin,
    authorizeUrl(client, more = {}) {
      const url = new URL(`${issuer}/authorize`)
      url.search = new URLSearchParams({
        client_id: client,
        response_type: 'code',
        redirect_uri: `${clientOrigin}/callback`,
        scope: 'openid email offline_access profile:read calendar:read',
        resource: api,
        code_challenge: challenge,
        code_challenge_method: 'S256',
        prompt: 'consent',
        state: 'st<a>te',
        ...more,
      }).toString()
      return url.href
    },
    async post(path, body) {
      const response = await fetch(`${clientOrigin}/auth${path}`, {
        method: 'POST',
        body: new URLSearchParams(body),
      })
      return (await response.json()) as Record<string, unknown>
    },
    async [Symbol.asyncDispose]() {
      authority.close()
      await accounts.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await state.close()
    },
  }
}

/** The client's page. */
function answerCallback(response: ServerResponse): void {
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.end(
    '<!doctype html><html lang="en"><title>Trip Planner</title><h1>Back at Trip Planner</h1></html>',
  )
}
