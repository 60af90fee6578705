import type { Refused, Visit } from './account.ts'

/** What an authenticator app is set up with; shown once. */
export interface TotpDraft {
  /** Base32, to type. */
  readonly secret: string
  /** `otpauth://totp/…`, for a QR code. */
  readonly uri: string
}

/** Ten codes, each good for one sign-in without the authenticator; shown once, kept as digests. */
export interface RecoveryCodes {
  readonly recoveryCodes: readonly string[]
}

/**
 * Codes of an authenticator app (RFC 6238: SHA-1, six digits, 30 s). Callers have proven a fresh sign-in, with the second
 * factor where there is one: adding and removing are as good as the password.
 */
export interface Totp {
  /** A new secret that counts only once `confirm` saw a code of it. Refused where one is set up already. */
  begin(sub: string): Promise<TotpDraft | Refused>
  /** Turns the second factor on. Other sessions end; a mail tells the user. */
  confirm(sub: string, code: string, visit: Visit): Promise<RecoveryCodes | Refused>
  /** Refused with `password-too-short` where the password may not stand alone. */
  remove(sub: string, visit: Visit): Promise<undefined | Refused>
  /** Ten new recovery codes; the old ones end. */
  renewRecoveryCodes(sub: string, visit: Visit): Promise<RecoveryCodes | Refused>
  /** How many recovery codes are left. */
  recoveryCodesLeft(sub: string): Promise<number>
}
