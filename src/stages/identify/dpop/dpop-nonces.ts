import { createHmac } from 'node:crypto'
import type { Clock } from '../../../kernel/clock.ts'

/** Nonces that nobody has to remember (RFC 9449 §8): each is the MAC of a window of time. */
export interface DpopNonces {
  /** The nonce to send now. */
  current(): string
  /** `aging`: still good, but a new one should be sent along. */
  judge(nonce: string): 'fresh' | 'aging' | 'stale'
}

/**
 * A nonce is good in its own window and the next one, so for one to two windows. Every process with the same secret
 * makes the same nonces. They are no secrets and are compared as plain text; only making one needs the secret.
 */
export function createDpopNonces(clock: Clock, secret: Uint8Array, windowMs = 120_000): DpopNonces {
  let window = Number.NaN
  let current = ''
  let previous = ''

  const nonceOf = (number: number): string =>
    createHmac('sha256', secret).update(`dpop-nonce ${number}`).digest().subarray(0, 18).toString('base64url')

  function turn(): void {
    const now = Math.floor(clock.now() / windowMs)
    if (now === window) return
    previous = now === window + 1 ? current : nonceOf(now - 1)
    current = nonceOf(now)
    window = now
  }

  return {
    current() {
      turn()
      return current
    },
    judge(nonce) {
      turn()
      return nonce === current ? 'fresh' : nonce === previous ? 'aging' : 'stale'
    },
  }
}
