import type { Refused } from './account.ts'
import type { Accounts } from './accounts.ts'
import type { Core } from './core.ts'
import { codeDelay } from './delay.ts'
import type { Door } from './door.ts'
import { parseRecoveryCode, type RecoveryCodeBook } from './recovery-code.ts'
import type { TotpSecrets } from './totp-secrets.ts'

/** The second step of a sign-in by password: a code of the authenticator, or a recovery code. */
export function createSecondFactor(
  core: Core,
  door: Door,
  secrets: TotpSecrets,
  book: RecoveryCodeBook,
): Accounts['secondFactor'] {
  const { repositories, clock } = core
  return async (sub, code, visit) => {
    await door.turn()
    const known = await door.isKnown(visit, sub)
    if (!known) {
      const retryMs = await door.admit(visit, undefined)
      if (retryMs !== undefined) return { refused: 'throttled', retryMs }
    }
    const record = await repositories.accounts.bySub(sub)
    if (record === undefined || record.disabled) return { refused: 'credentials' }

    const recovery = parseRecoveryCode(code)
    const refusal = recovery === undefined ? await byCode() : await byRecoveryCode(recovery)
    if (refusal !== undefined) {
      core.emit('second-factor-failed', { sub, visit, failed: true, detail: refusal.refused })
      return refusal
    }
    await door.guard.succeeded(door.keysOf(sub).code)
    if (!known) await door.giveBack(visit)
    core.emit(recovery === undefined ? 'second-factor' : 'recovery-code-used', { sub, visit })
    return {
      account: await core.accountOf(record),
      secondFactorNeeded: false,
      device: await door.remember(visit, sub),
      amr: ['pwd', 'otp', 'mfa'],
    }

    async function byCode(): Promise<Refused | undefined> {
      const attempt = await door.guard.begin(door.keysOf(sub).code, codeDelay)
      if (!attempt.allowed) return { refused: 'throttled', retryMs: attempt.retryMs }
      const totp = await repositories.factors.totp(sub)
      if (totp?.confirmed !== true) return { refused: 'code' }
      const step = secrets.stepOf(sub, totp.secret, code, clock.now())
      // A step counts once: who looked over a shoulder comes too late (RFC 6238 §5.2).
      if (step === undefined || !(await repositories.factors.useStep(sub, step))) return { refused: 'code' }
      return undefined
    }

    /** Has 120 random bits and so no need of a delay: a lock by wrong codes does not keep the owner out. */
    async function byRecoveryCode(recoveryCode: string): Promise<Refused | undefined> {
      return (await book.redeem(sub, recoveryCode)) ? undefined : { refused: 'code' }
    }
  }
}
