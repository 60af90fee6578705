import { randomInt } from 'node:crypto'
import type { Sealer } from '../../crypto/sealer.ts'
import type { FactorRepository } from '../../repositories/account-factors.ts'

/** Makes and redeems recovery codes; only keyed digests are stored. */
export interface RecoveryCodeBook {
  /** Ten new ones in place of the old. */
  renew(sub: string): Promise<readonly string[]>
  /** True for the first who brings it. */
  redeem(sub: string, code: string): Promise<boolean>
}

const count = 10
// Crockford's base32: nothing that looks like something else. 24 characters are 120 bits (ASVS 5.0 §6.5.2: at least 112).
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const length = 24
const group = 4

export function createRecoveryCodeBook(factors: FactorRepository, sealer: Sealer): RecoveryCodeBook {
  const digest = (sub: string, code: string): string => sealer.digest(code, `recovery:${sub}`)
  return {
    async renew(sub) {
      const codes = Array.from({ length: count }, draw)
      await factors.putRecoveryCodes(
        sub,
        codes.map((code) => digest(sub, code)),
      )
      return codes.map((code) => code.replace(/(.{4})(?=.)/g, '$1-'))
    },
    redeem: (sub, code) => factors.takeRecoveryCode(sub, digest(sub, code)),
  }
}

/** A recovery code as somebody typed it, spaces and dashes or not; undefined where it is none. */
export function parseRecoveryCode(text: string): string | undefined {
  if (text.length > 2 * length + length / group) return undefined
  const code = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  return code.length === length && [...code].every((one) => alphabet.includes(one)) ? code : undefined
}

function draw(): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
}
