import type { SQLInputValue } from 'node:sqlite'
import type { EventFilter } from '../../kernel/ports.ts'

/** What the worker is asked. `signal` is set to 1 once it is done, and notified either way: see `appendSync`. */
export type Ask =
  | { readonly do: 'append'; readonly rows: readonly SQLInputValue[]; readonly signal?: Int32Array }
  | {
      readonly do: 'search'
      readonly filter: EventFilter
      readonly limit: number
      readonly before: number | undefined
      readonly withinMs: number | undefined
    }
  | {
      readonly do: 'walk'
      readonly filter: EventFilter
      readonly limit: number
      /** `seq` of the last event that was seen. */
      readonly after: number
    }
  | { readonly do: 'erase'; readonly rows: Found }
  | { readonly do: 'expire'; readonly now: number }
  | { readonly do: 'close' }

/** A question with its number, by which its answer is found. */
export type Request = Ask & { readonly n: number }

/**
 * Events as JSON with their `seq`. An empty text at the end: the search gave up, below that `seq` nothing was looked at.
 * To `expire`: how many went, and `more` where there is more to remove.
 */
export type Found = readonly (readonly [number, string])[]

/** `n` is that of the request, 0 for the opening of the database. */
export interface Response {
  readonly n: number
  readonly found?: Found
  readonly error?: string
}
