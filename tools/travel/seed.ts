import { randomInt } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { registrationOf, travelClients } from '../../examples/travel/client/clients.ts'
import { createClientAdmin } from '../../src/app/admin/client-admin.ts'
import { createUserAdmin } from '../../src/app/admin/user-admin.ts'
import { provideSealer } from '../../src/app/sealers.ts'
import { openState, type State } from '../../src/app/state/state.ts'
import { isRefused } from '../../src/authority/accounts/account.ts'
import { createAccountLinks } from '../../src/authority/accounts/account-links.ts'
import { createAccounts } from '../../src/authority/accounts/create-accounts.ts'
import type { Config } from '../../src/config/config.ts'
import { createAccountRepositories } from '../../src/repositories/account-repositories.ts'
import { createMemoryRateStore } from '../../src/stores/memory/rate-store.ts'

/** Somebody who can sign in now. */
export interface SeededPerson {
  readonly email: string
  readonly password: string
  /** Subject of the tokens: the id by which the travel API knows them. */
  readonly sub: string
}

const people = [
  { email: 'alice@travel.example', name: 'Alice Archer', sub: '123' },
  { email: 'bob@travel.example', name: 'Bob Baker', sub: '456' },
] as const

/**
 * Makes the example's people and clients where they are not there yet, and gives the people new random passwords: none is kept
 * anywhere but as a hash. Before the gateway starts: it finds accounts then, and offers no first set-up. `origin`: of the
 * client's page.
 */
export async function seedTravel(config: Config, origin: string): Promise<readonly SeededPerson[]> {
  const state = await openState(config)
  try {
    await seedClients(state, config, origin)
    return await seedPeople(state, config)
  } finally {
    await state.close()
  }
}

async function seedClients(state: State, config: Config, origin: string): Promise<void> {
  const clients = createClientAdmin(state, config)
  for (const client of travelClients) {
    const registration = registrationOf(client, origin)
    const found = await clients.find(client.id)
    if (found !== undefined && isDeepStrictEqual(found.registration, registration)) continue
    if (found !== undefined) await clients.remove(client.id)
    await clients.create(registration, client.id)
  }
}

async function seedPeople(state: State, config: Config): Promise<readonly SeededPerson[]> {
  const { authority } = config
  const admin = createUserAdmin(state, config)
  if (authority === undefined || state.database === undefined) return []
  const accounts = createAccounts({
    repositories: createAccountRepositories(state.database.db),
    rates: createMemoryRateStore(),
    sealer: provideSealer(config),
    // The addresses are nobody's.
    mailer: { send: () => Promise.resolve() },
    product: authority.name,
    origin: new URL(authority.issuer).origin,
    links: createAccountLinks(authority.issuer),
    onEvent: () => {},
  })
  try {
    const seeded: SeededPerson[] = []
    for (const { email, name, sub } of people) {
      if ((await admin.people.find(sub)) === undefined) {
        const person = { email, name, sub, roles: authority.roles, emailVerified: true }
        const made = await admin.people.create(person, admin.by)
        if (made === undefined || isRefused(made)) throw new Error(`cannot make the account ${email}`)
      }
      const link = await admin.people.resetLink(sub, admin.by)
      const password = makePassword()
      const visit = { address: '127.0.0.1', userAgent: 'npm start', device: undefined, client: undefined }
      const refused = await accounts.reset(link?.token ?? '', password, visit)
      if (refused !== undefined) throw new Error(`cannot set the password of ${email}: ${refused.refused}`)
      seeded.push({ email, password, sub })
    }
    await admin.record()
    return seeded
  } finally {
    await accounts.close()
  }
}

/** Letters and digits that are not mistaken for others. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'

/** About 100 bits, to be typed. */
function makePassword(): string {
  const group = (): string => Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('')
  return [group(), group(), group(), group()].join('-')
}
