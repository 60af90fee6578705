/** What happened to an account. */
export type AccountEventKind =
  | 'sign-in'
  | 'sign-in-failed'
  | 'second-factor'
  | 'second-factor-failed'
  | 'passkey-sign-in'
  | 'passkey-failed'
  | 'locked'
  | 'throttled'
  /** So many failures that only known devices are let through: an attack on many accounts at once. */
  | 'stuffing'
  | 'register-requested'
  | 'created'
  | 'set-up'
  | 'email-verified'
  | 'reset-requested'
  | 'password-reset'
  | 'password-changed'
  | 'password-change-failed'
  | 'password-rehashed'
  | 'totp-added'
  | 'totp-removed'
  | 'recovery-code-used'
  | 'recovery-codes-renewed'
  | 'passkey-added'
  | 'passkey-removed'
  | 'factors-removed'
  | 'session-ended'
  | 'sessions-ended'
  | 'disabled'
  | 'enabled'
  | 'removed'
  | 'unlocked'
  | 'roles-changed'
  | 'link-made'
  | 'mail-failed'

/** For the record: no password, code, token, or e-mail address is in it. */
export interface AccountEvent {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly kind: AccountEventKind
  readonly failed: boolean
  /** Undefined where no account is concerned, or none that exists. */
  readonly sub: string | undefined
  /** Keyed digest of the e-mail address that was tried: ties tries on one address together, tells nothing. */
  readonly login: string | undefined
  readonly address: string
  readonly client: string | undefined
  readonly userAgent: string
  /** Who did it, where it was not the user: `cli:root`. */
  readonly by: string | undefined
  /** For the operator: which budget ran out, how many failures there were. Holds nothing from outside. */
  readonly detail: string | undefined
  /** Roles that the account has now and had not, and the other way round. */
  readonly granted: readonly string[]
  readonly removed: readonly string[]
}
