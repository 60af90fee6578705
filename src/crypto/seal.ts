import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Authenticated encryption of small secrets at rest. */
export interface Sealer {
  /** AES-256-GCM under a random nonce. `context` says what it is and whose: opening under another context fails. */
  seal(bytes: Uint8Array, context: string): Uint8Array
  /** Undefined where the bytes were changed, or sealed under another key or context. */
  open(sealed: Uint8Array, context: string): Uint8Array | undefined
}

/** First byte: the form `1 ‖ nonce (12) ‖ ciphertext ‖ tag (16)`. */
const form = 1
const nonceBytes = 12
const tagBytes = 16
const cipher = 'aes-256-gcm'

/** Takes a key of 32 bytes; throws for another length. One key serves for up to 2³² seals (NIST SP 800-38D §8.3). */
export function createSealer(key: Uint8Array): Sealer {
  if (key.byteLength !== 32) throw new RangeError('a sealing key has 32 bytes')
  const secret = Uint8Array.from(key)
  return {
    seal(bytes, context) {
      const nonce = randomBytes(nonceBytes)
      const sealing = createCipheriv(cipher, secret, nonce, { authTagLength: tagBytes })
      sealing.setAAD(Buffer.from(context))
      const body = [sealing.update(bytes), sealing.final()]
      return Buffer.concat([Buffer.of(form), nonce, ...body, sealing.getAuthTag()])
    },
    open(sealed, context) {
      if (sealed.byteLength < 1 + nonceBytes + tagBytes || sealed[0] !== form) return undefined
      const nonce = sealed.subarray(1, 1 + nonceBytes)
      const opening = createDecipheriv(cipher, secret, nonce, { authTagLength: tagBytes })
      opening.setAAD(Buffer.from(context))
      opening.setAuthTag(sealed.subarray(sealed.byteLength - tagBytes))
      try {
        return Buffer.concat([
          opening.update(sealed.subarray(1 + nonceBytes, sealed.byteLength - tagBytes)),
          opening.final(),
        ])
      } catch {
        return undefined
      }
    },
  }
}
