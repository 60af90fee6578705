/** What the operator knows of the keys that tokens are checked with. */
export interface TokenKeys {
  /** Public keys as JWK, of the configuration's issuers. */
  readonly published: readonly Readonly<Record<string, unknown>>[]
  /** Private keys of issuers that sign locally (development). */
  readonly signing: readonly Readonly<Record<string, unknown>>[]
  /** A JWKS document with the public half of the probe's own key. */
  readonly spoofed: string
  /** The private half, as JWK. */
  readonly own: Readonly<Record<string, unknown>>
}
