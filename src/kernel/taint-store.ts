/**
 * Remembers which destinations (as salted digests) a caller first saw in the texts of others. A scope is a caller, or a
 * caller's session. Bounded: where a scope has more than can be kept, all it does not know for its own is tainted. In memory
 * the answers are immediate; a shared store answers later. `until`: when it is forgotten; times in ms since the epoch.
 */
export interface TaintStore {
  /** Seen in texts of others; what the scope knows for its own stays its own. `overflow`: there were more. */
  mark(
    scope: string,
    digests: readonly string[],
    overflow: boolean,
    until: number,
    now: number,
  ): void | Promise<void>
  /** Used by the caller itself; what is tainted stays tainted. */
  use(scope: string, digests: readonly string[], until: number, now: number): void | Promise<void>
  /** Vouched for: by a reply that is trusted, or by somebody's approval. What was tainted is not any more. */
  vouch(scope: string, digests: readonly string[], until: number, now: number): void | Promise<void>
  /** How many of these are tainted. */
  tainted(scope: string, digests: readonly string[], now: number): number | Promise<number>
}
