import { createHmac } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import type { Sealer } from '../../crypto/sealer.ts'
import type { TotpDraft } from './totp.ts'

/** Secrets of authenticator apps (RFC 6238: SHA-1, six digits, 30 s), sealed for the store. */
export interface TotpSecrets {
  draft(sub: string, label: string): { readonly shown: TotpDraft; readonly sealed: string }
  /** The step that a code is of, one before and one after now included; undefined for a wrong code. */
  stepOf(sub: string, sealed: string, code: string, now: number): number | undefined
}

const period = 30
const secretBytes = 20

export function createTotpSecrets(sealer: Sealer, issuer: string): TotpSecrets {
  const place = (sub: string): string => `account_totp:${sub}`
  const make = (secret: Secret, label: string): TOTP =>
    new TOTP({
      issuer,
      label,
      secret,
      algorithm: 'SHA1',
      digits: 6,
      period,
      hmac: (_, key, message) => createHmac('sha1', key).update(message).digest(),
    })
  return {
    draft(sub, label) {
      const secret = new Secret({ size: secretBytes })
      const shown = { secret: secret.base32, uri: make(secret, label).toString() }
      return { shown, sealed: sealer.seal(secret.base32, place(sub)) }
    },
    stepOf(sub, sealed, code, now) {
      const token = code.replace(/\s/g, '')
      if (!/^[0-9]{6}$/.test(token)) return undefined
      const secret = sealer.open(sealed, place(sub))
      if (secret === undefined) throw new Error('a sealed secret of an authenticator cannot be opened')
      const delta = make(Secret.fromBase32(secret), sub).validate({ token, timestamp: now, window: 1 })
      return delta === null ? undefined : Math.floor(now / 1_000 / period) + delta
    },
  }
}
