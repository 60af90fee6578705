import { Decaying, DistinctBits, DistinctWindow, Recent } from './counters.ts'

const minute = 60_000
const hour = 60 * minute

/** What is known of one caller: about two kilobytes. */
export class Caller {
  readonly refused: Recent<Refused> = new Recent<Refused>(8, () => new Refused())
  readonly touched: Recent<Touched> = new Recent<Touched>(8, () => new Touched())
  readonly malformed: Decaying = new Decaying(10 * minute)
  bytes = 0
  hour = -1
  /** Bytes of a usual hour in which there were any. */
  usualBytes = 0
  hours = 0
  readonly last: string[] = []
}

/** Objects of one type that a caller asked for and did not get, beside those that it got. */
export class Refused {
  readonly objects: DistinctWindow = new DistinctWindow(6 * hour)
  readonly got: Decaying = new Decaying(3 * hour)
}

export class Touched {
  day = -1
  bits: DistinctBits = new DistinctBits()
  count = 0
  usual = 0
  days = 0
}

export class Address {
  readonly failed: Decaying = new Decaying(5 * minute)
  readonly good: Decaying = new Decaying(5 * minute)
  readonly undeclared: DistinctWindow = new DistinctWindow(10 * minute)
  readonly malformed: Decaying = new Decaying(10 * minute)
  readonly last: string[] = []
}

/** Remembers the last ten events of a subject. */
export function keep(list: string[], id: string): void {
  list.push(id)
  if (list.length > 10) list.shift()
}
