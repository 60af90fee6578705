import type { Denial } from './verdict.ts'

/** Has the last look at a reply that leaves, once everything else has judged it: what is given is learned, ids are sealed. */
export interface ReplyRelease {
  /**
   * `value`: the JSON that leaves, with exact numbers; undefined where there is none. `location`: the upstream's
   * `Location`. True where `value` was changed in place and has to be printed again.
   */
  run(status: number, value: unknown, location: string | undefined): boolean
  /** A reply field that holds URLs (`location`, `content-location`, `link`, lower-case) or an id, as it may leave. */
  field(name: string, value: string): string
  /**
   * The refusal of a reply that is not JSON, where something in it would have to be changed. `mediaType`: as the upstream
   * says, lower-case, without parameters. `declared`: the contract has this media type for the status.
   */
  blind?(status: number, mediaType: string | undefined, declared: boolean): Denial | undefined
}
