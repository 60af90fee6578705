/** How one request differs from what its identity would send. */
export interface SendOptions {
  /** Another value in the place of the credential's own. */
  readonly token?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly query?: readonly (readonly [string, string])[]
  /** Do not wait and try again where the target says that it was too much. */
  readonly throttled?: boolean
  /** Sent at once, outside the pace. */
  readonly burst?: boolean
}
