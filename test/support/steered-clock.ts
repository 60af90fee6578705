import type { Clock } from '../../src/kernel/clock.ts'

/** A clock that stands until it is moved. */
export interface SteeredClock extends Clock {
  /** Moves both clocks on. */
  pass(ms: number): void
  /** Sets the wall clock alone, as an administrator or NTP may. */
  jump(ms: number): void
}

export function createSteeredClock(start = 1_900_000_000_000): SteeredClock {
  let wall = start
  let steady = 1000
  return {
    now: () => wall,
    monotonic: () => steady,
    pass(ms) {
      wall += ms
      steady += ms
    },
    jump(ms) {
      wall += ms
    },
  }
}
