/** What a revocation is about: one token by `jti`, or everything that a subject or a client was issued so far. */
export type RevocationKind = 'token' | 'subject' | 'client'

export interface NewRevocation {
  readonly kind: RevocationKind
  /** Name of the issuer in the configuration; undefined: of every issuer. */
  readonly issuer: string | undefined
  /** `jti`, subject as in `principal.sub`, or client id. */
  readonly value: string
  /** Milliseconds since the epoch: what was issued after it counts again. A `token` has no second life. */
  readonly before: number
  /** Milliseconds since the epoch: nothing it is about can be valid any more, so it may be forgotten. */
  readonly until: number
}

export interface Revocation extends NewRevocation {
  /** Grows with every write, in the order in which writes become visible. */
  readonly change: number
  /** Milliseconds since the epoch. */
  readonly created: number
}

/** Durable deny-list of credentials. */
export interface RevocationStore {
  /** Keeps a revocation; one of the same kind, issuer and value is widened, never narrowed. */
  add(revocation: NewRevocation, now: number): Promise<Revocation>
  /** At most `limit` revocations written after `change`, oldest write first. */
  since(change: number, limit: number): Promise<readonly Revocation[]>
  /** Forgets what has ended; says how many that were. */
  purge(now: number): Promise<number>
}
