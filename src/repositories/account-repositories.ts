import type { Kysely } from 'kysely'
import { type AttemptRepository, createAttemptRepository } from './account-attempts.ts'
import { createDeviceRepository, type DeviceRepository } from './account-devices.ts'
import { createFactorRepository, type FactorRepository } from './account-factors.ts'
import { createPasskeyRepository, type PasskeyRepository } from './account-passkeys.ts'
import { createSessionRepository, type SessionRepository } from './account-sessions.ts'
import { createSignalRepository, type SignalRepository } from './account-signals.ts'
import { createTokenRepository, type TokenRepository } from './account-tokens.ts'
import { type AccountRepository, createAccountRepository } from './accounts.ts'

/** Everything that is stored about people who sign in. */
export interface AccountRepositories {
  readonly accounts: AccountRepository
  readonly tokens: TokenRepository
  readonly factors: FactorRepository
  readonly passkeys: PasskeyRepository
  readonly sessions: SessionRepository
  readonly devices: DeviceRepository
  readonly attempts: AttemptRepository
  readonly signals: SignalRepository
}

export function createAccountRepositories(db: Kysely<unknown>): AccountRepositories {
  return {
    accounts: createAccountRepository(db),
    tokens: createTokenRepository(db),
    factors: createFactorRepository(db),
    passkeys: createPasskeyRepository(db),
    sessions: createSessionRepository(db),
    devices: createDeviceRepository(db),
    attempts: createAttemptRepository(db),
    signals: createSignalRepository(db),
  }
}
