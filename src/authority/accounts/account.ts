/** A person who can sign in. */
export interface Account {
  /** Subject of the tokens: opaque, never reused. */
  readonly sub: string
  readonly email: string
  readonly emailVerified: boolean
  readonly name: string | undefined
  readonly roles: readonly string[]
  readonly disabled: boolean
  /** Milliseconds since the epoch. */
  readonly created: number
  readonly secondFactors: readonly ('totp' | 'passkey')[]
}

/** Where an attempt comes from. */
export interface Visit {
  /** Canonical address of the caller. */
  readonly address: string
  readonly userAgent: string
  /** Value of the known-device cookie, where the browser sent one. */
  readonly device: string | undefined
  /** OAuth client that the sign-in is for. */
  readonly client: string | undefined
  /** Id of the session that this browser has: stays where others end. */
  readonly session?: string | undefined
}

/** Why something was not done; pages turn it into a sentence. Never says whether an account exists. */
export interface Refused {
  readonly refused:
    | 'credentials'
    | 'throttled'
    | 'password-too-short'
    | 'password-too-long'
    | 'password-common'
    | 'password-context'
    /** Half a character (a lone surrogate): no browser sends that. */
    | 'password-malformed'
    | 'email-malformed'
    | 'code'
    | 'expired'
    | 'unavailable'
  /** For `throttled`: milliseconds until the next try may succeed. */
  readonly retryMs?: number
}

/** Tells a refusal from every other answer of `Accounts`. */
export function isRefused(answer: object | undefined): answer is Refused {
  return answer !== undefined && 'refused' in answer
}

/** The password was right. */
export interface SignedIn {
  readonly account: Account
  /** True where a second factor is set up and still to be shown. */
  readonly secondFactorNeeded: boolean
  /**
   * New value of the known-device cookie: send it back as `__Host-` cookie, `Secure`, `HttpOnly`, `SameSite=Lax`, 400 days.
   * It signs nobody in. Only valid once no second factor is needed any more: before that it is the value that came.
   */
  readonly device: string
  /** Authentication methods so far (RFC 8176): `pwd`, `otp`, `hwk` or `swk` (a passkey), `mfa`. */
  readonly amr: readonly string[]
}

export interface SessionView {
  readonly id: string
  readonly created: number
  readonly lastSeen: number
  readonly address: string
  readonly userAgent: string
  readonly current: boolean
}
