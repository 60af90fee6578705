import { randomBytes } from 'node:crypto'
import type { RateSpec, RateStore } from '../../kernel/ports.ts'
import type { AccountRecord } from '../../repositories/accounts.ts'
import { type Account, isRefused, type Refused } from './account.ts'
import type { Accounts } from './accounts.ts'
import type { Core } from './core.ts'
import type { Door } from './door.ts'
import { type EmailAddress, parseEmailAddress } from './email-address.ts'
import type { Mails } from './mails.ts'
import type { NewPassword, NewPasswords } from './new-password.ts'
import { issueToken, linkMs, peekToken, takeToken } from './one-time-token.ts'
import type { AccountLinks } from './options.ts'

/** What a verification token carries: the account to be. The password is a hash. */
interface Pending extends NewPassword, EmailAddress {
  readonly name: string | undefined
}

export interface RegisterParts {
  readonly core: Core
  readonly door: Door
  readonly mails: Mails
  readonly passwords: NewPasswords
  readonly links: AccountLinks
  readonly defaultRoles: readonly string[]
  readonly mayMail: (login: string) => Promise<boolean>
}

/** Random, never reused, and never the id of a client. */
export function newSubject(): string {
  return `usr_${randomBytes(16).toString('base64url')}`
}

/** Registration: no account exists before its address is confirmed, so nobody can sit on another's address. */
export function createRegister(
  parts: RegisterParts,
): Pick<Accounts, 'register' | 'verifyEmail' | 'redeemSetup'> {
  const { core, door, mails, passwords, links } = parts
  const { repositories, clock } = core

  return {
    async register(email, password, name, visit) {
      await door.turn()
      const parsed = parseEmailAddress(email)
      if (parsed === undefined) return { refused: 'email-malformed' }
      const login = door.loginOf(parsed.key)
      const shown = parseName(name)
      const refusal = passwords.judge(password, {
        email: parsed.address,
        name: shown,
        hasSecondFactor: false,
      })
      if (refusal !== undefined) return refusal
      // Never given back: who registers may do so thirty times in five minutes.
      const retryMs = await door.admit(visit, login)
      if (retryMs !== undefined) return { refused: 'throttled', retryMs }
      const hashed = await passwords.hash(password, false)
      if (isRefused(hashed)) return hashed
      // From here on the same is done for an address that is taken.
      const taken = await repositories.accounts.byEmail(parsed.key)
      const pending: Pending = { ...parsed, ...hashed, name: shown }
      const kind = taken === undefined ? 'verify' : 'nothing'
      const token = await issueToken(repositories.tokens, kind, '', pending, clock.now() + linkMs)
      core.emit('register-requested', { login, visit, detail: taken && 'address is taken' })
      if (await parts.mayMail(login))
        core.mail(
          taken === undefined ? mails.verify(parsed.address, links.verify(token)) : mails.taken(taken.email),
        )
      return undefined
    },

    async verifyEmail(token) {
      const found = await takeToken(repositories.tokens, 'verify', token, clock.now())
      if (found === undefined) return { refused: 'expired' }
      const pending = JSON.parse(found.payload) as Pending
      return create(pending, parts.defaultRoles, 'email-verified')
    },

    async redeemSetup(token, email, password, visit) {
      const parsed = parseEmailAddress(email)
      if (parsed === undefined) return { refused: 'email-malformed' }
      const now = clock.now()
      // The token lives on when the password is not taken.
      if ((await peekToken(repositories.tokens, 'setup', token, now)) === undefined) {
        core.emit('set-up', { visit, failed: true })
        return { refused: 'expired' }
      }
      const owner = { email: parsed.address, name: undefined, hasSecondFactor: false }
      const hashed = passwords.judge(password, owner) ?? (await passwords.hash(password, true))
      if (isRefused(hashed)) return hashed
      if ((await takeToken(repositories.tokens, 'setup', token, now)) === undefined)
        return { refused: 'expired' }
      return create({ ...parsed, ...hashed, name: undefined }, ['admin'], 'set-up')
    },
  }

  async function create(
    pending: Pending,
    roles: readonly string[],
    kind: 'email-verified' | 'set-up',
  ): Promise<Account | Refused> {
    const record: AccountRecord = {
      sub: newSubject(),
      email: pending.address,
      emailKey: pending.key,
      emailVerified: true,
      name: pending.name,
      roles,
      disabled: false,
      created: clock.now(),
      password: pending.password,
      passwordAlone: pending.passwordAlone,
    }
    // Two links of one address: the first that is opened wins.
    if (!(await repositories.accounts.insert(record))) return { refused: 'expired' }
    core.emit('created', { sub: record.sub })
    core.emit(kind, { sub: record.sub })
    return core.accountOf(record)
  }
}

/** A name to show: bounded, without controls; undefined where nothing is left. */
function parseName(name: string | undefined): string | undefined {
  const shown = (name ?? '')
    .slice(0, 400)
    .toWellFormed()
    .normalize('NFC')
    .replace(/\p{C}/gu, '')
    .trim()
    .slice(0, 200)
    .toWellFormed()
  return shown === '' ? undefined : shown
}

/** Mails to one address: five an hour, so that forms here cannot flood a mailbox. */
const mailSpec: RateSpec = { rate: 5, windowMs: 3_600_000, burst: 5 }

export function createMailBudget(rates: RateStore, core: Core): (login: string) => Promise<boolean> {
  return async (login) => {
    const decision = await rates.take(`account:mail:${login}`, mailSpec, 1, core.clock.monotonic())
    return decision.allowed
  }
}
