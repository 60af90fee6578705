/**
 * The tables of accounts, as `0010-accounts.ts` makes them. Times are milliseconds since the epoch, flags 0 or 1, lists
 * JSON. Secrets are digests (hex SHA-256), argon2id strings, or sealed under the gateway's key (base64url).
 */
export type AccountTables = {
  readonly accounts: AccountRow
  readonly account_tokens: TokenRow
  readonly account_totp: TotpRow
  readonly account_recovery_codes: RecoveryCodeRow
  readonly account_passkeys: PasskeyRow
  readonly account_sessions: SessionRow
  readonly account_devices: DeviceRow
  readonly account_attempts: AttemptRow
  readonly account_signals: SignalRow
}

export type AccountRow = {
  sub: string
  /** As it is written to. */
  email: string
  /** Folded, unique. */
  email_key: string
  email_verified: number
  name: string | null
  roles: string
  disabled: number
  created: number
  /** PHC string; null before the first password. */
  password: string | null
  /** 1: long enough to stand without a second factor. */
  password_alone: number
}

export type TokenRow = {
  digest: string
  kind: string
  sub: string
  /** JSON, no secret in clear. */
  payload: string
  expires: number
}

export type TotpRow = {
  sub: string
  /** Sealed. */
  secret: string
  confirmed: number
  /** Number of the last 30 s step whose code was accepted. */
  last_step: number
}

export type RecoveryCodeRow = {
  digest: string
  sub: string
}

export type PasskeyRow = {
  id: string
  sub: string
  name: string
  /** COSE key, base64url: public. */
  public_key: string
  counter: number
  transports: string
  synced: number
  created: number
  last_used: number | null
}

export type SessionRow = {
  id: string
  sub: string
  amr: string
  created: number
  last_seen: number
  address: string
  user_agent: string
}

export type DeviceRow = {
  id: string
  sub: string
  created: number
  last_seen: number
}

export type AttemptRow = {
  key: string
  failures: number
  /** No try before this time. */
  next_at: number
}

export type SignalRow = {
  seq: number
  at: number
  sub: string
  kind: string
  /** Session that stays, or that ends. */
  session: string | null
}
