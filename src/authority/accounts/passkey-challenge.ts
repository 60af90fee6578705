import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { digestOf } from '../../crypto/digest.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { TokenRepository } from '../../repositories/account-tokens.ts'

/**
 * Challenges of passkeys. They carry their own proof (`random (16) ‖ expiry (6) ‖ MAC (16)`), so that asking for one
 * stores nothing; only one that was answered rightly is stored, to be refused the second time.
 */
export interface PasskeyChallenges {
  /** `sub` is empty where anybody may answer. */
  issue(purpose: 'register' | 'sign-in', sub: string): Uint8Array<ArrayBuffer>
  /** Whether a challenge (base64url) was issued here for this purpose and person, and has not expired. */
  isFresh(challenge: string, purpose: 'register' | 'sign-in', sub: string): boolean
  /** True the first time. */
  spend(challenge: string): Promise<boolean>
}

const lifeMs = 5 * 60_000
const bytes = 38

export function createPasskeyChallenges(
  key: Uint8Array,
  tokens: TokenRepository,
  clock: Clock,
): PasskeyChallenges {
  const macOf = (head: Uint8Array, purpose: string, sub: string): Buffer =>
    createHmac('sha256', key).update(head).update(`${purpose}\0${sub}`).digest().subarray(0, 16)
  return {
    issue(purpose, sub) {
      const challenge = new Uint8Array(bytes)
      const view = Buffer.from(challenge.buffer)
      randomBytes(16).copy(view)
      view.writeUIntBE(clock.now() + lifeMs, 16, 6)
      macOf(view.subarray(0, 22), purpose, sub).copy(view, 22)
      return challenge
    },
    isFresh(challenge, purpose, sub) {
      const given = Buffer.from(challenge, 'base64url')
      if (given.length !== bytes || given.toString('base64url') !== challenge) return false
      if (!timingSafeEqual(given.subarray(22), macOf(given.subarray(0, 22), purpose, sub))) return false
      const expires = given.readUIntBE(16, 6)
      return clock.now() < expires && expires <= clock.now() + lifeMs
    },
    spend: (challenge) =>
      tokens.put({
        digest: digestOf(`challenge:${challenge}`),
        kind: 'challenge',
        sub: '',
        payload: '{}',
        expires: clock.now() + 2 * lifeMs,
      }),
  }
}
