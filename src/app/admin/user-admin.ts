import { userInfo } from 'node:os'
import type { AccountEvent } from '../../authority/accounts/account-event.ts'
import { createAccountLinks } from '../../authority/accounts/account-links.ts'
import { auditEventOf } from '../../authority/accounts/audit-event.ts'
import type { People } from '../../authority/accounts/people.ts'
import { createPeopleOfStore } from '../../authority/accounts/people-of-store.ts'
import type { Config } from '../../config/config.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { AuditEvent } from '../../kernel/event.ts'
import { Unusable } from '../../kernel/finding.ts'
import { createAccountRepositories } from '../../repositories/account-repositories.ts'
import { createClientRepository } from '../../repositories/clients.ts'
import { openEvents } from '../state/open-events.ts'
import type { State } from '../state/state.ts'

/** What commands do with accounts. */
export interface UserAdmin {
  readonly people: People
  /** Who acts, for the record: `cli:root`. */
  readonly by: string
  /** Puts what was done on record; call it last. */
  record(): Promise<void>
}

/** Works on the store, also while a gateway runs on it. Throws `Unusable` where the configuration has no server. */
export function createUserAdmin(state: State, config: Config): UserAdmin {
  const { authority, store } = config
  if (authority === undefined || state.database === undefined)
    throw new Unusable([
      {
        rule: 'authority.missing',
        severity: 'error',
        message: 'the configuration runs no authorization server',
        fix: 'write `authority: { issuer: https://…/auth }` and a durable store',
      },
    ])
  const issuer = config.issuers.find((one) => one.keys.kind === 'authority')?.name ?? 'authority'
  const happened: AccountEvent[] = []
  const clients = createClientRepository(state.database.db)
  return {
    people: createPeopleOfStore({
      repositories: createAccountRepositories(state.database.db),
      links: createAccountLinks(authority.issuer),
      clock: systemClock,
      isClient: async (id) => (await clients.find(id)) !== undefined,
      onEvent: (event) => happened.push(event),
    }),
    by: `cli:${nameOfUser()}`,
    async record() {
      if (happened.length === 0 || store.durable.kind === 'none') return
      const events = await openEvents(store)
      try {
        await events.append(
          happened.map((event, sequence): AuditEvent => ({ ...auditEventOf(event, issuer), sequence })),
        )
      } finally {
        await events.close()
      }
    },
  }
}

/** Of the operating system: it has checked who runs the command. */
function nameOfUser(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
