/**
 * A caller who has to prove something anew because of a finding. `step-up`: authenticated after `since`, or refused.
 * `revoke`: with a credential issued after `since`, or refused.
 */
export interface Hold {
  readonly issuer: string
  readonly sub: string
  readonly response: 'step-up' | 'revoke'
  /** Milliseconds since the epoch: what is younger counts. */
  readonly since: number
  /** Milliseconds since the epoch: then it is over. */
  readonly until: number
  /** Kind of the finding. */
  readonly kind: string
}

/** Holds that outlive a restart and that other processes learn of. */
export interface HoldStore {
  /** Replaces the same response to the same caller. */
  put(hold: Hold): Promise<void>
  live(now: number): Promise<readonly Hold[]>
  /** Lets a caller go; how many holds that were. */
  remove(issuer: string, sub: string): Promise<number>
  purge(now: number): Promise<number>
}
