import { createHash, hkdfSync } from 'node:crypto'
import { createAesSiv, type SivContext } from './aes-siv.ts'

/** Whose ids, and of what: an id that is sealed in one scope opens in no other. */
export interface SealScope {
  readonly api: string
  readonly type: string
  readonly issuer: string
  readonly sub: string
}

/** An id as it stands in JSON: texts and integers stay what they are. */
export type PlainId = string | number | bigint

export interface ScopedSealer {
  /** The same id gives the same text. */
  seal(id: PlainId): string
  /** Undefined for every text that was not sealed in this scope by one of the keys. */
  open(text: string): PlainId | undefined
}

/** Encrypts ids on their way out and decrypts them on their way in. */
export interface IdSealer {
  scope(scope: SealScope): ScopedSealer
}

/** What every sealed id matches: base64url of key byte, synthetic IV and at least one byte. */
export const sealedPattern = '^[A-Za-z0-9_-]{24,1400}$'

const form = new RegExp(sealedPattern)
const TEXT = 0x73
const NUMBER = 0x6e
const maxScopes = 4_096
const maxIdBytes = 1_000

interface Key {
  /** First byte of every id that the key sealed. */
  readonly mark: number
  context(data: readonly Uint8Array[]): SivContext
}

/**
 * Sealed ids: `base64url(key byte ‖ AES-SIV(API, type | issuer, subject; kind ‖ id))`. The first key seals, all of them open, so
 * that a new key is put before the old one and the old one is removed once nobody holds its ids any more. Keys have
 * at least 32 bytes of randomness; throws `RangeError` for fewer, or for none.
 */
export function createIdSealer(keys: readonly Uint8Array[]): IdSealer {
  const made = keys.map(createKey)
  const [first] = made
  if (first === undefined) throw new RangeError('sealing needs a key')
  const scopes = new Map<string, ScopedSealer>()
  return {
    scope(scope) {
      const name = `${scope.api}\0${scope.type}\0${scope.issuer}\0${scope.sub}`
      const known = scopes.get(name)
      if (known !== undefined) return known
      // All at once: a scope costs microseconds to make, and nobody waits for it.
      if (scopes.size >= maxScopes) scopes.clear()
      const sealer = createScoped(first, made, scope)
      scopes.set(name, sealer)
      return sealer
    },
  }
}

function createKey(secret: Uint8Array): Key {
  if (secret.length < 32) throw new RangeError('a sealing key has at least 32 bytes')
  const key = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'sallyport sealed ids', 64))
  const siv = createAesSiv(key)
  const mark = createHash('sha256').update(key).digest()[0] as number
  return { mark, context: (data) => siv.context(data) }
}

function createScoped(first: Key, keys: readonly Key[], scope: SealScope): ScopedSealer {
  // Two strings of data, each with an end of its own, so that no two scopes give the same.
  const data = [
    Buffer.from(JSON.stringify([scope.api, scope.type])),
    Buffer.from(JSON.stringify([scope.issuer, scope.sub])),
  ]
  const contexts = new Map<Key, SivContext>()
  const contextOf = (key: Key): SivContext => {
    let context = contexts.get(key)
    if (context === undefined) {
      context = key.context(data)
      contexts.set(key, context)
    }
    return context
  }
  const sealing = contextOf(first)
  return {
    seal(id) {
      const text = String(id)
      const plain = Buffer.from(`_${text}`)
      plain[0] = typeof id === 'string' ? TEXT : NUMBER
      const sealed = sealing.seal(plain)
      const out = Buffer.allocUnsafe(sealed.length + 1)
      out[0] = first.mark
      out.set(sealed, 1)
      return out.toString('base64url')
    },
    open(text) {
      if (!form.test(text)) return undefined
      const bytes = Buffer.from(text, 'base64url')
      // One text for one id: bits that base64 leaves unused are zero.
      if (bytes.length > maxIdBytes || bytes.toString('base64url') !== text) return undefined
      for (const key of keys) {
        if (key.mark !== bytes[0]) continue
        const plain = contextOf(key).open(bytes.subarray(1))
        if (plain !== undefined) return parsePlain(plain)
      }
      return undefined
    },
  }
}

function parsePlain(plain: Buffer): PlainId | undefined {
  const text = plain.toString('utf8', 1)
  if (plain[0] === TEXT) return text
  if (plain[0] !== NUMBER) return undefined
  const number = Number(text)
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? BigInt(text) : number
}
