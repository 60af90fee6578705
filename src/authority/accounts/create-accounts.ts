import { systemClock } from '../../kernel/clock.ts'
import type { Accounts } from './accounts.ts'
import { createAttemptGuard } from './attempt-guard.ts'
import { createChangePassword } from './change-password.ts'
import { createCore } from './core.ts'
import { createPasskeys } from './create-passkeys.ts'
import { createPeople } from './create-people.ts'
import { createSessions, sessionLimits } from './create-sessions.ts'
import { createTotp } from './create-totp.ts'
import { createDeviceCookie } from './device-cookie.ts'
import { createDoor } from './door.ts'
import { createMails } from './mails.ts'
import { createNewPasswords } from './new-password.ts'
import type { AccountsOptions } from './options.ts'
import { createOutbox } from './outbox.ts'
import { createPasskeyChallenges } from './passkey-challenge.ts'
import { createPasswordHasher } from './password-hasher.ts'
import { createPasswordPolicy } from './password-policy.ts'
import { createRecoveryCodeBook } from './recovery-code.ts'
import { createMailBudget, createRegister } from './register.ts'
import { createSecondFactor } from './second-factor.ts'
import { createSignIn } from './sign-in.ts'
import { createSignalLine } from './signal-line.ts'
import { createTotpSecrets } from './totp-secrets.ts'
import { createVisitBudget, visitBudgets } from './visit-budget.ts'

const pruneEveryMs = 10 * 60_000
const signalsKeptMs = 24 * 3_600_000

/** People who sign in: everything about them but the pages and the protocol. */
export function createAccounts(options: AccountsOptions): Accounts {
  const { repositories, rates, sealer, links, product } = options
  const clock = options.clock ?? systemClock
  const limits = options.sessionLimits ?? sessionLimits
  const origin = new URL(options.origin).origin
  const rpId = options.rpId ?? new URL(origin).hostname

  const outbox = createOutbox(options.mailer, () => core.emit('mail-failed', { failed: true }))
  const line = createSignalLine({
    signals: repositories.signals,
    hooks: options.hooks,
    pollMs: options.pollMs ?? 1_000,
  })
  const core = createCore({
    repositories,
    clock,
    onEvent: options.onEvent,
    announce: (signal) => line.announce(signal),
    mail: (mail) => outbox.push(mail),
  })

  const guard = createAttemptGuard(repositories.attempts, clock)
  const budget = createVisitBudget(rates, { ...visitBudgets, ...options.budgets }, clock)
  const door = createDoor(core, guard, budget, createDeviceCookie(sealer.derive('device cookie')), sealer)
  const hasher = createPasswordHasher(options.hashing)
  const policy = createPasswordPolicy({
    context: ['sallyport', product, rpId, ...(options.context ?? [])],
    ...(options.refusedPasswords === undefined ? {} : { refused: options.refusedPasswords }),
  })
  const passwords = createNewPasswords(core, policy, hasher)
  const mails = createMails(product)
  const mayMail = createMailBudget(rates, core)
  const secrets = createTotpSecrets(sealer, product)
  const book = createRecoveryCodeBook(repositories.factors, sealer)
  const challenges = createPasskeyChallenges(sealer.derive('passkey challenge'), repositories.tokens, clock)

  const timer = setInterval(prune, pruneEveryMs)
  timer.unref()

  async function prune(): Promise<void> {
    const now = clock.now()
    try {
      await repositories.tokens.prune(now)
      await repositories.sessions.prune(now - limits.idleMs, now - limits.longestMs)
      await repositories.signals.prune(now - signalsKeptMs)
    } catch {
      // What was not deleted now is deleted the next time; nothing of it is valid any more.
    }
  }

  return {
    ...createRegister({
      core,
      door,
      mails,
      passwords,
      links,
      defaultRoles: options.defaultRoles ?? [],
      mayMail,
    }),
    ...createChangePassword({
      core,
      door,
      hasher,
      mails,
      passwords,
      links,
      mayMail,
      floorMs: options.floorMs ?? 50,
    }),
    signIn: createSignIn(core, door, hasher, mails),
    secondFactor: createSecondFactor(core, door, secrets, book),
    find: (sub) => core.find(sub),
    totp: createTotp({ core, door, mails, secrets, book }),
    passkeys: createPasskeys({ core, door, mails, challenges, product, origin, rpId }),
    sessions: createSessions(core, limits),
    people: createPeople(core, links, options.isClient ?? (() => Promise.resolve(false))),
    async close() {
      clearInterval(timer)
      line.close()
      await outbox.close()
      await hasher.close()
    },
  }
}
