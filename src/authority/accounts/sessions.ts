import type { SessionView, Visit } from './account.ts'

/** A session that is in force. */
export interface LiveSession {
  readonly id: string
  readonly sub: string
  readonly amr: readonly string[]
  readonly created: number
}

/**
 * Which browsers are signed in. The cookie and its secret belong to the protocol server; here is the record that says
 * whether the session still counts, kept under an id that is no secret (128 bits or more, new at login and at step-up).
 */
export interface Sessions {
  /** Records a sign-in. `id` is the server's own id of the session; without one a random id is made. */
  open(sub: string, amr: readonly string[], visit: Visit, id?: string): Promise<LiveSession>
  /**
   * The session where it still counts: not ended, not idle for too long, not too old, account neither disabled nor gone.
   * Marks it as seen, at most once a minute.
   */
  find(id: string): Promise<LiveSession | undefined>
  /** A person's sessions, newest first. `current` marks the one of this browser. */
  list(sub: string, current?: string): Promise<readonly SessionView[]>
  /** Ends one session of this person; false where it is not theirs. */
  end(sub: string, id: string): Promise<boolean>
  /** Signs out everywhere, but for `keep`. Tokens go too: the hook `onSignOut` runs before this resolves. */
  endAll(sub: string, keep?: string): Promise<void>
}
