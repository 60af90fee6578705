import type { Clock } from '../../kernel/clock.ts'
import type { Mail } from '../../kernel/mailer.ts'
import type { AccountRepositories } from '../../repositories/account-repositories.ts'
import type { Signal } from '../../repositories/account-signals.ts'
import type { AccountRecord } from '../../repositories/accounts.ts'
import type { Account, Visit } from './account.ts'
import type { AccountEvent, AccountEventKind } from './account-event.ts'

/** What goes with an event besides its kind. */
export interface EventPart {
  readonly sub?: string | undefined
  readonly login?: string | undefined
  readonly visit?: Visit | undefined
  readonly by?: string | undefined
  readonly detail?: string | undefined
  readonly failed?: boolean
  readonly granted?: readonly string[]
  readonly removed?: readonly string[]
}

/** What every part of the accounts stands on. */
export interface Core {
  readonly repositories: AccountRepositories
  readonly clock: Clock
  emit(kind: AccountEventKind, part: EventPart): void
  announce(signal: Signal): Promise<void>
  /** Ends sessions in the store, then everywhere. */
  signOut(sub: string, keep: string | undefined, part: EventPart): Promise<void>
  accountOf(record: AccountRecord): Promise<Account>
  find(sub: string): Promise<Account | undefined>
  mail(mail: Mail): void
}

export interface CoreOptions {
  readonly repositories: AccountRepositories
  readonly clock: Clock
  readonly onEvent: (event: AccountEvent) => void
  readonly announce: (signal: Signal) => Promise<void>
  readonly mail: (mail: Mail) => void
}

export function createCore(options: CoreOptions): Core {
  const { repositories, clock } = options
  const core: Core = {
    repositories,
    clock,
    announce: options.announce,
    mail: options.mail,
    emit(kind, { sub, login, visit, by, detail, failed = false, granted = [], removed = [] }) {
      options.onEvent({
        time: clock.now(),
        kind,
        failed,
        sub,
        login,
        address: visit?.address ?? '',
        client: visit?.client,
        userAgent: (visit?.userAgent ?? '').toWellFormed().replace(/\p{C}/gu, ' ').slice(0, 256),
        by,
        detail,
        granted,
        removed,
      })
    },
    async signOut(sub, keep, part) {
      await repositories.sessions.endAll(sub, keep)
      await options.announce({ at: clock.now(), sub, kind: 'signed-out', session: keep })
      core.emit('sessions-ended', { sub, ...part })
    },
    async accountOf(record) {
      const { sub, email, emailVerified, name, roles, disabled, created } = record
      const totp = await repositories.factors.totp(sub)
      const passkeys = await repositories.passkeys.of(sub)
      const secondFactors: ('totp' | 'passkey')[] = []
      if (totp?.confirmed === true) secondFactors.push('totp')
      if (passkeys.length > 0) secondFactors.push('passkey')
      return { sub, email, emailVerified, name, roles, disabled, created, secondFactors }
    },
    async find(sub) {
      const record = await repositories.accounts.bySub(sub)
      return record && core.accountOf(record)
    },
  }
  return core
}
