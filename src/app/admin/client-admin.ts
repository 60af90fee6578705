import { type Clients, createClients } from '../../authority/clients.ts'
import { createFamilies } from '../../authority/families.ts'
import { createRecordBox } from '../../authority/record-box.ts'
import { createSigningKeys } from '../../authority/signing-keys.ts'
import type { Config } from '../../config/config.ts'
import { systemClock } from '../../kernel/clock.ts'
import { Unusable } from '../../kernel/finding.ts'
import { createAccountRepository } from '../../repositories/accounts.ts'
import { createAuthorityRecords } from '../../repositories/authority-records.ts'
import { createClientRepository } from '../../repositories/clients.ts'
import { createSigningKeyRepository } from '../../repositories/signing-keys.ts'
import { provideSealer } from '../sealers.ts'
import type { State } from '../state/state.ts'

/** What commands do with clients, also while a gateway runs on the same store. Throws `Unusable` without a server. */
export function createClientAdmin(state: State, config: Config): Clients {
  const { authority, database } = needed(state, config)
  const clock = systemClock
  const families = createFamilies({
    records: createAuthorityRecords(database.db),
    box: createRecordBox(provideSealer(config), clock),
    clock,
    revocations: state.revocations,
    issuerNames: config.issuers.filter((one) => one.keys.kind === 'authority').map((one) => one.name),
    tokenSeconds: authority.lifetimes.accessToken / 1000,
  })
  const accounts = createAccountRepository(database.db)
  return createClients({
    repository: createClientRepository(database.db),
    clock,
    endTokens: (id) => families.revokeAll({ client: id }),
    isSubject: async (id) => (await accounts.bySub(id)) !== undefined,
  })
}

/** Replaces the signing keys; the gateway that runs takes them within seconds. Says which sign now. */
export async function rotateSigningKeys(state: State, config: Config): Promise<readonly string[]> {
  const { database } = needed(state, config)
  const keys = await createSigningKeys({
    repository: createSigningKeyRepository(database.db),
    sealer: provideSealer(config),
    clock: systemClock,
    rotateMs: 0,
  })
  await keys.rotate()
  return keys.published.keys.slice(0, 2).map((key) => `${key.alg} ${key.kid}`)
}

function needed({ database }: State, { authority }: Config) {
  if (authority !== undefined && database !== undefined) return { authority, database }
  throw new Unusable([
    {
      rule: 'authority.missing',
      severity: 'error',
      message: 'the configuration runs no authorization server',
      fix: 'write `authority: { issuer: https://…/auth }` and a durable store',
    },
  ])
}
