/** A token as the Authorization field presents it. */
export interface PresentedToken {
  /** `DPoP` (RFC 9449 §7.1) or `Bearer` (RFC 6750 §2.1). */
  readonly scheme: 'bearer' | 'dpop'
  readonly token: string
}
