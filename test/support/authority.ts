import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Account } from '../../src/authority/accounts/account.ts'
import type { ClientRegistration } from '../../src/authority/client-registration.ts'
import { type Authority, createAuthority, type Outcome } from '../../src/authority/create-authority.ts'
import type { AuthorityEvent, AuthorityOptions } from '../../src/authority/options.ts'
import { createSealer } from '../../src/crypto/sealer.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { NewRevocation } from '../../src/kernel/revocation.ts'
import { type AuthorityRecords, createAuthorityRecords } from '../../src/repositories/authority-records.ts'
import { createClientRepository } from '../../src/repositories/clients.ts'
import { createSigningKeyRepository } from '../../src/repositories/signing-keys.ts'
import { createMemoryRateStore } from '../../src/stores/memory/rate-store.ts'
import { createSqliteStateStore, type StateStore } from '../../src/stores/sqlite/state-store.ts'

export const api = 'https://api.travel.example'
export const otherApi = 'https://other.travel.example'

/** An authorization server on a port of its own, without a gateway before it; pages are the least that works. */
export interface RunningAuthority {
  readonly authority: Authority
  readonly issuer: string
  readonly origin: string
  readonly state: StateStore
  readonly outcomes: Outcome[]
  readonly events: AuthorityEvent[]
  readonly revoked: NewRevocation[]
  /** Accounts by subject; a test may add and disable. */
  readonly people: Map<string, Account>
  /** Who signs in, and what they agree to, when a browser comes. */
  readonly user: {
    sub: string
    amr: string[]
    scopes: readonly string[] | undefined
    says: 'yes' | 'no'
    remember: boolean
  }
  /** DER that the next requests come with. */
  certificate: Uint8Array | undefined
  address: string
  register(registration: ClientRegistration, id?: string): Promise<{ id: string; secret: string }>
  close(): Promise<void>
}

export function person(sub: string, more: Partial<Account> = {}): Account {
  return {
    sub,
    email: `${sub}@travel.example`,
    emailVerified: true,
    name: sub,
    roles: ['traveller'],
    disabled: false,
    created: 0,
    secondFactors: [],
    ...more,
  }
}

/** A store that answers in a later turn, as one behind a network does: only then can two requests get between one another. */
function slowRecords(records: AuthorityRecords): AuthorityRecords {
  const later =
    <A extends unknown[], R>(run: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      await new Promise((resolve) => setImmediate(resolve))
      const answer = await run(...given)
      await new Promise((resolve) => setImmediate(resolve))
      return answer
    }
  return {
    upsert: later(records.upsert),
    insertOnce: later(records.insertOnce),
    find: later(records.find),
    consume: later(records.consume),
    list: later(records.list),
    destroy: later(records.destroy),
    destroyAll: later(records.destroyAll),
    sweep: later(records.sweep),
  }
}

export async function startAuthority(options: Partial<AuthorityOptions> = {}): Promise<RunningAuthority> {
  const state = await createSqliteStateStore(':memory:')
  let handle: Authority['handle'] | undefined
  const server = createServer((request, response) => {
    void handle?.(request, response, {
      address: running.address,
      requestId: 'test',
      certificate: running.certificate,
    }).then((outcome) => running.outcomes.push(outcome))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const people = new Map([
    ['alice', person('alice')],
    ['bob', person('bob', { roles: ['traveller', 'admin'] })],
  ])
  const revoked: NewRevocation[] = []
  const events: AuthorityEvent[] = []
  const authority = await createAuthority({
    issuer: `${origin}/auth`,
    issuerNames: ['authority'],
    resources: [
      {
        identifier: api,
        scopes: new Map([
          ['profile:read', 'Read your profile'],
          ['calendar:read', undefined],
          ['bookings:write', undefined],
        ]),
      },
    ],
    accounts: { find: (sub) => Promise.resolve(people.get(sub)) },
    records: slowRecords(createAuthorityRecords(state.db)),
    clients: createClientRepository(state.db),
    keys: createSigningKeyRepository(state.db),
    sealer: createSealer(randomBytes(32)),
    rates: createMemoryRateStore(),
    clock: systemClock,
    revocations: {
      add(revocation, now) {
        revoked.push(revocation)
        return Promise.resolve({ ...revocation, change: revoked.length, created: now })
      },
      since: () => Promise.resolve([]),
      purge: () => Promise.resolve(0),
    },
    isRevoked: ({ jti, sub, client, issuedAt }) =>
      revoked.some(
        (one) =>
          (one.kind === 'token' && one.value === jti) ||
          (one.kind === 'subject' && one.value === sub && issuedAt <= one.before) ||
          (one.kind === 'client' && one.value === client && issuedAt <= one.before),
      ),
    dpopNonceRequired: false,
    onEvent: (event) => events.push(event),
    ...options,
  }).catch(async (error: unknown) => {
    server.close()
    await state.close()
    throw error
  })
  const running: RunningAuthority = {
    authority,
    issuer: authority.issuer,
    origin,
    state,
    outcomes: [],
    events,
    revoked,
    people,
    user: { sub: 'alice', amr: ['pwd'], scopes: undefined, says: 'yes', remember: true },
    certificate: undefined,
    address: '127.0.0.1',
    async register(registration, id) {
      const { client, secret } = await authority.clients.create(registration, id)
      return { id: client.id, secret: secret ?? '' }
    },
    async close() {
      authority.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await state.close()
    },
  }
  authority.usePages({
    async handle(request, response) {
      const { interactions } = authority
      const view = await interactions.details(request, response)
      const { user } = running
      if (user.says === 'no') await interactions.abort(request, response)
      else if (view.step === 'login') await interactions.finishLogin(request, response, user)
      else await interactions.finishConsent(request, response, user.scopes)
      return true
    },
    render: (page) => ({ html: JSON.stringify(page) }),
  })
  handle = authority.handle
  return running
}
