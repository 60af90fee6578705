import { createSealer } from '../../../crypto/sealer.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Mail } from '../../../kernel/mailer.ts'
import {
  type AccountRepositories,
  createAccountRepositories,
} from '../../../repositories/account-repositories.ts'
import { createMemoryRateStore } from '../../../stores/memory/rate-store.ts'
import { createSqliteStateStore, type StateStore } from '../../../stores/sqlite/state-store.ts'
import { type Account, isRefused, type Visit } from '../account.ts'
import type { AccountEvent } from '../account-event.ts'
import { createAccountLinks } from '../account-links.ts'
import type { Accounts } from '../accounts.ts'
import { createAccounts } from '../create-accounts.ts'
import type { AccountsOptions } from '../options.ts'

/** A clock that tests move. */
export interface MovableClock extends Clock {
  pass(ms: number): void
  /** The wall clock alone, as when somebody sets it. */
  jump(ms: number): void
}

export interface AccountsBed {
  readonly accounts: Accounts
  readonly repositories: AccountRepositories
  readonly store: StateStore
  readonly clock: MovableClock
  readonly events: AccountEvent[]
  readonly mails: Mail[]
  /** The token of the newest mail, once it is there. */
  mailed(): Promise<string>
  /** Registers and confirms. */
  signUp(email: string, password?: string): Promise<Account>
  close(): Promise<void>
}

export const goodPassword = 'quiet lamps beside the river 7'

/** Hashes so cheap that a suite is fast; what they cost is no part of what is tested with them. */
export const cheapHashing: { cost: { memory: number; passes: number; parallelism: number } } = {
  cost: { memory: 64, passes: 1, parallelism: 1 },
}

/** Mails leave when nobody waits for them. */
export function mailsAreOut(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}

export function visitOf(over: Partial<Visit> = {}): Visit {
  return { address: '192.0.2.7', userAgent: 'test', device: undefined, client: undefined, ...over }
}

/** Accounts over a database in memory, or in `path`. */
export async function createAccountsBed(
  over: Partial<AccountsOptions> = {},
  path = ':memory:',
): Promise<AccountsBed> {
  const store = await createSqliteStateStore(path)
  const repositories = over.repositories ?? createAccountRepositories(store.db)
  const events: AccountEvent[] = []
  const mails: Mail[] = []
  const clock = createMovableClock()
  const accounts = createAccounts({
    repositories,
    rates: createMemoryRateStore(),
    sealer: createSealer(Buffer.alloc(32, 7)),
    mailer: {
      async send(mail) {
        mails.push(mail)
      },
    },
    product: 'Travel',
    origin: 'https://api.travel.example',
    links: createAccountLinks('https://api.travel.example/auth'),
    onEvent: (event) => events.push(event),
    hashing: cheapHashing,
    floorMs: 0,
    clock,
    ...over,
  })
  const bed: AccountsBed = {
    accounts,
    repositories,
    store,
    clock,
    events,
    mails,
    async mailed() {
      await mailsAreOut()
      const token = /\?token=([\w-]+)/.exec(mails.at(-1)?.text ?? '')?.[1]
      if (token === undefined) throw new Error('no mail with a link')
      return token
    },
    async signUp(email, password = goodPassword) {
      const refused = await accounts.register(email, password, undefined, visitOf())
      if (refused !== undefined) throw new Error(refused.refused)
      const account = await accounts.verifyEmail(await bed.mailed())
      if (isRefused(account)) throw new Error(account.refused)
      return account
    },
    async close() {
      await accounts.close()
      await store.close()
    },
  }
  return bed
}

function createMovableClock(): MovableClock {
  let passed = 0
  let jumped = 0
  const start = Date.UTC(2030, 0, 1)
  return {
    now: () => start + passed + jumped,
    monotonic: () => passed + 1_000,
    pass(ms) {
      passed += ms
    },
    jump(ms) {
      jumped += ms
    },
  }
}
