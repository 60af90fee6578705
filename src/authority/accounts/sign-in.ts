import { createHash } from 'node:crypto'
import type { AccountRecord } from '../../repositories/accounts.ts'
import type { Refused, SignedIn, Visit } from './account.ts'
import type { Accounts } from './accounts.ts'
import type { Core } from './core.ts'
import { ownDelay, strangerDelay } from './delay.ts'
import type { Door } from './door.ts'
import { parseEmailAddress } from './email-address.ts'
import type { Mails } from './mails.ts'
import { normalisePassword } from './normalise-password.ts'
import type { PasswordHasher } from './password-hasher.ts'

const refused: Refused = { refused: 'credentials' }

/**
 * Sign-in by password. Whatever is wrong (no such account, wrong password, locked, disabled), the same is read,
 * written and hashed, and the same is answered.
 */
export function createSignIn(
  core: Core,
  door: Door,
  hasher: PasswordHasher,
  mails: Mails,
): Accounts['signIn'] {
  const { repositories } = core

  async function succeed(record: AccountRecord, visit: Visit, known: boolean): Promise<SignedIn> {
    const account = await core.accountOf(record)
    const secondFactorNeeded = account.secondFactors.length > 0
    if (!known) await door.giveBack(visit)
    core.emit('sign-in', {
      sub: record.sub,
      visit,
      detail: secondFactorNeeded ? 'second factor to come' : undefined,
    })
    const device = secondFactorNeeded ? (visit.device ?? '') : await door.remember(visit, record.sub)
    return { account, secondFactorNeeded, device, amr: ['pwd'] }
  }

  return async (email, password, visit) => {
    await door.turn()
    const key = parseEmailAddress(email)?.key ?? ''
    const login = door.loginOf(key)
    const record = await repositories.accounts.byEmail(key)
    const known = await door.isKnown(visit, record?.sub ?? 'nobody')
    if (!known) {
      const retryMs = await door.admit(visit, login)
      if (retryMs !== undefined) return { refused: 'throttled', retryMs }
    }
    const keys = record && door.keysOf(record.sub)
    const attemptKey = (known ? keys?.own : keys?.strangers) ?? decoyKey(login)
    const attempt = await door.guard.begin(attemptKey, known ? ownDelay : strangerDelay)

    const normal = normalisePassword(password)
    const isOpen = record?.disabled === false && attempt.allowed && normal !== undefined
    const stored = (isOpen ? record.password : undefined) ?? hasher.decoy
    const matches = await hasher.verify(normal ?? '', stored, known)
    if (matches === undefined) {
      // Many give up at the same moment.
      await door.turn()
      if (attempt.allowed) await door.guard.withdraw(attemptKey, attempt)
      if (!known) await door.giveBack(visit)
      return { refused: 'unavailable' }
    }
    if (!matches || record === undefined || !isOpen) {
      core.emit('sign-in-failed', {
        sub: record?.sub,
        login,
        visit,
        failed: true,
        detail: why(attempt.allowed),
      })
      if (attempt.allowed && attempt.locks && record !== undefined) {
        core.emit('locked', { sub: record.sub, visit, failed: true, detail: `${attempt.failures} in a row` })
        if (attempt.failures === strangerDelay.lockAt) core.mail(mails.locked(record.email))
      }
      return refused
    }
    await door.guard.succeeded(attemptKey)
    if (hasher.isWeak(stored)) await rehash(record, normal ?? '')
    return succeed(record, visit, known)
  }

  /** Brings an old hash to today's cost; where there is no room, the next sign-in does it. */
  async function rehash(record: AccountRecord, password: string): Promise<void> {
    const hash = await hasher.hash(password)
    if (hash === undefined) return
    await repositories.accounts.update(record.sub, { password: hash })
    core.emit('password-rehashed', { sub: record.sub })
  }
}

function why(allowed: boolean): string {
  return allowed ? 'password' : 'locked'
}

/** Unknown addresses share some thousand rows: so many as an attacker tries, the table does not grow. */
function decoyKey(login: string): string {
  return `decoy:${createHash('sha256').update(login).digest('hex').slice(0, 3)}`
}
