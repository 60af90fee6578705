/** How a caller proved who they are. */
export type CredentialKind = 'jwt' | 'dpop' | 'opaque' | 'api-key' | 'certificate' | 'none'

/** What a token is bound to (RFC 7800 `cnf`): whoever sends it must show all of these. */
export interface Confirmation {
  /** Thumbprint of the key that proofs are signed with (RFC 9449 §6.1). */
  readonly jkt: string | undefined
  /** SHA-256 of the client certificate, base64url (RFC 8705 §3.1, `x5t#S256`). */
  readonly x5t: string | undefined
}

/** Who is calling. Identity is (issuer, subject): the same subject from two issuers is two principals. */
export interface Principal {
  /** The issuer's name in the configuration (not its URL); empty for an anonymous caller. */
  readonly issuer: string
  /** Subject within that issuer; empty for an anonymous caller. */
  readonly sub: string
  readonly client: string | undefined
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  /** Authentication methods (RFC 8176), where the credential states them. */
  readonly amr: readonly string[]
  /** All claims as verified; null prototype. */
  readonly claims: Readonly<Record<string, unknown>>
  readonly kind: CredentialKind
  /** When the credential ends, seconds since the epoch; undefined where it has no end. */
  readonly expires: number | undefined
  /** Digest of the credential (hex, truncated): ties events of one credential together, reveals nothing. */
  readonly credential: string
  /** Set where the credential is bound to a key or certificate; the caller has shown it. */
  readonly cnf?: Confirmation | undefined
  /** What else the caller has proven on the same call, where the operation asks for several credentials at once. */
  readonly beside?: readonly Principal[]
}

export const anonymous: Principal = Object.freeze({
  issuer: '',
  sub: '',
  client: undefined,
  roles: Object.freeze([]),
  scopes: Object.freeze([]),
  amr: Object.freeze([]),
  claims: Object.freeze(Object.create(null) as Record<string, unknown>),
  kind: 'none',
  expires: undefined,
  credential: '',
})
