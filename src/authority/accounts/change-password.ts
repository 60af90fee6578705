import type { AccountRecord } from '../../repositories/accounts.ts'
import { isRefused, type Visit } from './account.ts'
import type { Accounts } from './accounts.ts'
import type { Core } from './core.ts'
import { strangerDelay } from './delay.ts'
import type { Door } from './door.ts'
import { parseEmailAddress } from './email-address.ts'
import type { Mails } from './mails.ts'
import type { NewPassword, NewPasswords } from './new-password.ts'
import { normalisePassword } from './normalise-password.ts'
import { issueToken, linkMs, peekToken, takeToken } from './one-time-token.ts'
import type { AccountLinks } from './options.ts'
import type { PasswordHasher } from './password-hasher.ts'

export interface ChangePasswordParts {
  readonly core: Core
  readonly door: Door
  readonly hasher: PasswordHasher
  readonly mails: Mails
  readonly passwords: NewPasswords
  readonly links: AccountLinks
  readonly mayMail: (login: string) => Promise<boolean>
  readonly floorMs: number
}

/** What a reset token carries: whether it came by mail, and so proves the address. */
interface ResetPayload {
  readonly by: 'mail' | 'operator'
}

export function createChangePassword(
  parts: ChangePasswordParts,
): Pick<Accounts, 'requestReset' | 'reset' | 'changePassword'> {
  const { core, door, hasher, mails, passwords, links } = parts
  const { repositories, clock } = core

  return {
    async requestReset(email, visit) {
      await door.turn()
      const floor = new Promise<void>((resolve) => setTimeout(resolve, parts.floorMs))
      const parsed = parseEmailAddress(email)
      if (parsed === undefined) return { refused: 'email-malformed' }
      const login = door.loginOf(parsed.key)
      const retryMs = await door.admit(visit, login)
      if (retryMs !== undefined) return { refused: 'throttled', retryMs }
      const record = await repositories.accounts.byEmail(parsed.key)
      const isFor = record?.disabled === false
      const payload: ResetPayload = { by: 'mail' }
      const token = await issueToken(
        repositories.tokens,
        isFor ? 'reset' : 'nothing',
        record?.sub ?? '',
        payload,
        clock.now() + linkMs,
      )
      core.emit('reset-requested', { sub: record?.sub, login, visit })
      if ((await parts.mayMail(login)) && isFor) core.mail(mails.reset(record.email, links.reset(token)))
      // No hash hides here whether there is an account: the answer waits for the clock instead.
      await floor
      return undefined
    },

    async reset(token, password, visit) {
      const now = clock.now()
      const found = await peekToken(repositories.tokens, 'reset', token, now)
      const record = found && (await repositories.accounts.bySub(found.sub))
      if (found === undefined || record === undefined || record.disabled) return { refused: 'expired' }
      const hashed =
        passwords.judge(password, await passwords.ownerOf(record)) ?? (await passwords.hash(password, true))
      if (isRefused(hashed)) return hashed
      if ((await takeToken(repositories.tokens, 'reset', token, now)) === undefined)
        return { refused: 'expired' }
      const { by } = JSON.parse(found.payload) as ResetPayload
      await store(record, hashed, undefined, by === 'mail' ? { emailVerified: true } : {})
      // Whoever planted a device cookie starts anew as well.
      await repositories.devices.forget(record.sub)
      core.emit('password-reset', { sub: record.sub, visit, detail: `link by ${by}` })
      core.mail(mails.changed(record.email, 'your password was reset'))
      return undefined
    },

    async changePassword(sub, current, next, visit) {
      const record = await repositories.accounts.bySub(sub)
      if (record === undefined || record.disabled) return { refused: 'credentials' }
      const refusal = passwords.judge(next, await passwords.ownerOf(record))
      if (refusal !== undefined) return refusal
      const key = `change:${sub}`
      const attempt = await door.guard.begin(key, strangerDelay)
      if (!attempt.allowed) return { refused: 'throttled', retryMs: attempt.retryMs }
      const matches = await hasher.verify(
        normalisePassword(current) ?? '',
        record.password ?? hasher.decoy,
        true,
      )
      if (matches === undefined) {
        await door.guard.withdraw(key, attempt)
        return { refused: 'unavailable' }
      }
      if (!matches) {
        core.emit('password-change-failed', { sub, visit, failed: true })
        return { refused: 'credentials' }
      }
      const hashed = await passwords.hash(next, true)
      if (isRefused(hashed)) return hashed
      await store(record, hashed, visit, {})
      core.emit('password-changed', { sub, visit })
      core.mail(mails.changed(record.email, 'your password was changed'))
      return undefined
    },
  }

  /** The password is new: links of older mails end, failures count from nothing, other sessions end. */
  async function store(
    record: AccountRecord,
    hashed: NewPassword,
    visit: Visit | undefined,
    more: { emailVerified?: true },
  ): Promise<void> {
    const { sub } = record
    await repositories.accounts.update(sub, { ...hashed, ...more })
    await repositories.tokens.drop(sub, 'reset')
    const keys = door.keysOf(sub)
    await door.guard.unlock([keys.strangers, keys.own, `change:${sub}`])
    await core.signOut(sub, visit?.session, { visit, detail: 'new password' })
  }
}
