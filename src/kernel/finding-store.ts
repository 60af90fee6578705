/** What somebody did about a finding. */
export interface KeptResponse {
  /** RFC 3339. */
  readonly at: string
  readonly by: string
  readonly action: 'acknowledge' | 'block' | 'release' | 'revoke' | 'step-up'
  readonly reason: string
}

/** Something that was noticed in the calls, and what was done about it, oldest first. Holds no value of a call. */
export interface KeptFinding {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly kind: string
  readonly subject: { readonly kind: string; readonly key: string }
  /** 0 to 1. */
  readonly score: number
  readonly summary: string
  readonly evidence: Readonly<Record<string, number | string>>
  /** Request ids. */
  readonly events: readonly string[]
  readonly responses: readonly KeptResponse[]
}

/** Findings that outlive a restart and that other processes learn of. */
export interface FindingStore {
  /** Keeps new ones, all or none; one that is there already stays as it is. */
  put(findings: readonly KeptFinding[]): Promise<void>
  /** Adds to what was done about one; false where it is not there. */
  respond(id: string, response: KeptResponse): Promise<boolean>
  /**
   * At most `limit` that were written after `change`, oldest write first; undefined: those that were written last. Each
   * with the number of its write: numbers become visible in their order.
   */
  since(
    change: number | undefined,
    limit: number,
  ): Promise<readonly { readonly finding: KeptFinding; readonly change: number }[]>
  /** Removes those from before `time`, and the oldest writes beyond `most`. */
  purge(time: number, most: number): Promise<number>
  /** Removes those about one person. */
  forget(issuer: string, sub: string): Promise<number>
}
