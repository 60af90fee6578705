import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** Keeps secrets at rest: what is stored can neither be read nor be moved to another place by who has the store alone. */
export interface Sealer {
  /** AES-256-GCM under a fresh nonce; `place` (table and id) is bound in, so that a row cannot stand for another. */
  seal(text: string, place: string): string
  /** Undefined where the text was not sealed by this key for this place, or was changed. */
  open(sealed: string, place: string): string | undefined
  /** HMAC-SHA-256, base64url: the form in which a secret is looked up. Low entropy does not matter without the key. */
  digest(secret: string, place: string): string
  /** 32 bytes for another purpose, derived by name (HKDF-SHA-256). */
  derive(purpose: string): Buffer
}

const NONCE = 12
const TAG = 16
const VERSION = 'v1.'

/** `key`: 32 bytes or more of randomness. Throws `RangeError` for fewer. */
export function createSealer(key: Uint8Array): Sealer {
  if (key.length < 32) throw new RangeError('a sealing key has at least 32 bytes')
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `sallyport ${purpose}`, 32))
  const sealing = derive('seal')
  const looking = derive('digest')
  return {
    seal(text, place) {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce)
      cipher.setAAD(Buffer.from(place))
      const body = cipher.update(text, 'utf8')
      return VERSION + Buffer.concat([nonce, body, cipher.final(), cipher.getAuthTag()]).toString('base64url')
    },
    open(sealed, place) {
      if (!sealed.startsWith(VERSION)) return undefined
      const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url')
      if (bytes.length < NONCE + TAG) return undefined
      try {
        const cipher = createDecipheriv('aes-256-gcm', sealing, bytes.subarray(0, NONCE), {
          authTagLength: TAG,
        })
        cipher.setAAD(Buffer.from(place))
        cipher.setAuthTag(bytes.subarray(bytes.length - TAG))
        const body = cipher.update(bytes.subarray(NONCE, bytes.length - TAG))
        return Buffer.concat([body, cipher.final()]).toString('utf8')
      } catch {
        return undefined
      }
    },
    digest: (secret, place) =>
      createHmac('sha256', looking).update(`${place}\0${secret}`).digest('base64url'),
    derive,
  }
}
