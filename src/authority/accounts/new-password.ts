import type { AccountRecord } from '../../repositories/accounts.ts'
import type { Refused } from './account.ts'
import type { Core } from './core.ts'
import { lengthOf, normalisePassword } from './normalise-password.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { type PasswordOwner, type PasswordPolicy, shortestAlone } from './password-policy.ts'

/** A password that was taken, ready to be stored. */
export interface NewPassword {
  readonly password: string
  readonly passwordAlone: boolean
}

/** Judges passwords that somebody chooses, and hashes those that are taken. */
export interface NewPasswords {
  judge(password: string, owner: PasswordOwner): Refused | undefined
  /** `urgent` for somebody who has proven who they are. */
  hash(password: string, urgent: boolean): Promise<NewPassword | Refused>
  /** What the policy must know of an account. */
  ownerOf(record: AccountRecord): Promise<PasswordOwner>
}

export function createNewPasswords(core: Core, policy: PasswordPolicy, hasher: PasswordHasher): NewPasswords {
  return {
    judge: (password, owner) => policy.judge(password, owner),
    async hash(password, urgent) {
      const normal = normalisePassword(password)
      if (normal === undefined) return { refused: 'password-malformed' }
      const hash = await hasher.hash(normal, urgent)
      if (hash === undefined) return { refused: 'unavailable' }
      return { password: hash, passwordAlone: lengthOf(normal) >= shortestAlone }
    },
    async ownerOf(record) {
      const { email, name, secondFactors } = await core.accountOf(record)
      return { email, name, hasSecondFactor: secondFactors.length > 0 }
    },
  }
}
