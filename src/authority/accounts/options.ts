import type { Sealer } from '../../crypto/sealer.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Mailer } from '../../kernel/mailer.ts'
import type { RateStore } from '../../kernel/ports.ts'
import type { AccountRepositories } from '../../repositories/account-repositories.ts'
import type { AccountEvent } from './account-event.ts'
import type { SessionLimits } from './create-sessions.ts'
import type { PasswordHasherOptions } from './password-hasher.ts'
import type { VisitBudgets } from './visit-budget.ts'

/** Addresses of the pages that redeem a token. */
export interface AccountLinks {
  verify(token: string): string
  reset(token: string): string
  setup(token: string): string
}

/**
 * What the protocol server does when sessions end. Called in every process that holds accounts: at once where it
 * happened, within a second elsewhere; perhaps twice. Who rejects is asked again.
 */
export interface AccountHooks {
  /** The account is disabled or gone: end its sessions, grants, refresh tokens; refuse its access tokens. */
  onDisabled(sub: string): Promise<void>
  /** Signed out everywhere but for `keep`. */
  onSignOut(sub: string, keep: string | undefined): Promise<void>
  /** One session ended. */
  onSessionEnd(sub: string, id: string): Promise<void>
}

export interface AccountsOptions {
  readonly repositories: AccountRepositories
  readonly rates: RateStore
  readonly sealer: Sealer
  readonly mailer: Mailer
  /** Name in mails, authenticators and passkeys. */
  readonly product: string
  /** Origin of the pages, `https://api.travel.example`: the only one that passkeys are taken from. */
  readonly origin: string
  /** Domain of passkeys; the origin's host by default. */
  readonly rpId?: string
  readonly links: AccountLinks
  /** Every event, for the record; must not throw. */
  readonly onEvent: (event: AccountEvent) => void
  readonly hooks?: AccountHooks
  /** Whether a client has this id: it cannot be a subject then. By default there are no clients. */
  readonly isClient?: (id: string) => Promise<boolean>
  /** Roles of those who register themselves. */
  readonly defaultRoles?: readonly string[]
  readonly clock?: Clock
  readonly hashing?: PasswordHasherOptions
  readonly budgets?: Partial<VisitBudgets>
  /** More names that passwords must not be made of. */
  readonly context?: readonly string[]
  /** More passwords to refuse: an operator's own list. */
  readonly refusedPasswords?: Iterable<string>
  readonly sessionLimits?: SessionLimits
  /** How often other processes' signals are looked for; 1 s. */
  readonly pollMs?: number
  /** The least time that an answer takes which must not tell whether an account exists; 50 ms. */
  readonly floorMs?: number
}
