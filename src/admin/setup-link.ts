import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../kernel/clock.ts'

/** The way in before anybody has an account: a token that is printed once at the start, good once, for an hour. */
export interface SetupLink {
  /** Goes behind `#setup=` of the console's address: a fragment is never sent, so it is in no log. */
  readonly token: string
  readonly open: boolean
  /** True for the token, once. */
  redeem(token: string): boolean
}

const lastsMs = 60 * 60_000

export function createSetupLink(clock: Clock): SetupLink {
  const token = randomBytes(32).toString('base64url')
  const expected = digest(token)
  const until = clock.monotonic() + lastsMs
  let used = false
  const isOpen = (): boolean => !used && clock.monotonic() < until
  return {
    token,
    get open() {
      return isOpen()
    },
    redeem(presented) {
      if (!timingSafeEqual(digest(presented), expected) || !isOpen()) return false
      used = true
      return true
    },
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
