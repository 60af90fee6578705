import type { Account, Refused, SignedIn, Visit } from './account.ts'
import type { Passkeys } from './passkeys.ts'
import type { People } from './people.ts'
import type { Sessions } from './sessions.ts'
import type { Totp } from './totp.ts'

export {
  type Account,
  isRefused,
  type Refused,
  type SessionView,
  type SignedIn,
  type Visit,
} from './account.ts'

/** What the pages and commands ask of the accounts. Every answer takes the same time whether the account exists. */
export interface Accounts {
  /** Always answers as if it worked; a mail tells the rest (also where the address is taken). */
  register(
    email: string,
    password: string,
    name: string | undefined,
    visit: Visit,
  ): Promise<undefined | Refused>
  /** Confirms an address with the token of the mail. */
  verifyEmail(token: string): Promise<Account | Refused>
  signIn(email: string, password: string, visit: Visit): Promise<SignedIn | Refused>
  /**
   * A code of the authenticator app, or a recovery code. `sub` must come from a `signIn` that this very browser has just
   * passed: never from a form.
   */
  secondFactor(sub: string, code: string, visit: Visit): Promise<SignedIn | Refused>
  /** Sends a reset mail where the account exists; answers the same where it does not. */
  requestReset(email: string, visit: Visit): Promise<undefined | Refused>
  reset(token: string, password: string, visit: Visit): Promise<undefined | Refused>
  changePassword(sub: string, current: string, next: string, visit: Visit): Promise<undefined | Refused>
  find(sub: string): Promise<Account | undefined>
  /** Redeems the one-time set-up link of the first start: makes the first account, with the role `admin`. */
  redeemSetup(token: string, email: string, password: string, visit: Visit): Promise<Account | Refused>
  readonly totp: Totp
  readonly passkeys: Passkeys
  readonly sessions: Sessions
  /** For the operator. */
  readonly people: People
  /** Ends timers; waits for mails under way, at most 2 s. */
  close(): Promise<void>
}
