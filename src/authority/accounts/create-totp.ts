import type { Visit } from './account.ts'
import type { Core } from './core.ts'
import { codeDelay } from './delay.ts'
import type { Door } from './door.ts'
import type { Mails } from './mails.ts'
import type { RecoveryCodeBook } from './recovery-code.ts'
import type { Totp } from './totp.ts'
import type { TotpSecrets } from './totp-secrets.ts'

export interface TotpParts {
  readonly core: Core
  readonly door: Door
  readonly mails: Mails
  readonly secrets: TotpSecrets
  readonly book: RecoveryCodeBook
}

export function createTotp({ core, door, mails, secrets, book }: TotpParts): Totp {
  const { repositories, clock } = core
  const { factors } = repositories

  async function tell(sub: string, what: string, visit: Visit): Promise<void> {
    const record = await repositories.accounts.bySub(sub)
    if (record !== undefined) core.mail(mails.changed(record.email, what))
    // Who was in before the factor was on is asked again (ASVS 5.0 §7.4.3).
    await core.signOut(sub, visit.session, { visit, detail: what })
  }

  return {
    async begin(sub) {
      const account = await core.find(sub)
      if (account === undefined || account.disabled) return { refused: 'credentials' }
      const { shown, sealed } = secrets.draft(sub, account.email)
      return (await factors.putTotp(sub, sealed)) ? shown : { refused: 'unavailable' }
    },
    async confirm(sub, code, visit) {
      const totp = await factors.totp(sub)
      if (totp === undefined || totp.confirmed) return { refused: 'code' }
      const attempt = await door.guard.begin(door.keysOf(sub).code, codeDelay)
      if (!attempt.allowed) return { refused: 'throttled', retryMs: attempt.retryMs }
      const step = secrets.stepOf(sub, totp.secret, code, clock.now())
      if (step === undefined || !(await factors.useStep(sub, step))) return { refused: 'code' }
      await door.guard.succeeded(door.keysOf(sub).code)
      const recoveryCodes = await book.renew(sub)
      core.emit('totp-added', { sub, visit })
      await tell(sub, 'an authenticator was added', visit)
      return { recoveryCodes }
    },
    async remove(sub, visit) {
      const record = await repositories.accounts.bySub(sub)
      if (record === undefined) return { refused: 'credentials' }
      const passkeys = await repositories.passkeys.of(sub)
      if (passkeys.length === 0 && !record.passwordAlone) return { refused: 'password-too-short' }
      if (!(await factors.removeTotp(sub))) return undefined
      await factors.putRecoveryCodes(sub, [])
      core.emit('totp-removed', { sub, visit })
      await tell(sub, 'an authenticator was removed', visit)
      return undefined
    },
    async renewRecoveryCodes(sub, visit) {
      const totp = await factors.totp(sub)
      if (totp?.confirmed !== true) return { refused: 'unavailable' }
      const recoveryCodes = await book.renew(sub)
      core.emit('recovery-codes-renewed', { sub, visit })
      return { recoveryCodes }
    },
    recoveryCodesLeft: (sub) => factors.countRecoveryCodes(sub),
  }
}
