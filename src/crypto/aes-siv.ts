import { createCipheriv, timingSafeEqual } from 'node:crypto'

const size = 16

/** AES-SIV under one key and one list of associated data: what depends on them is computed once. */
export interface SivContext {
  /** Synthetic IV (16 bytes), then the ciphertext, as long as the plaintext. */
  seal(plain: Uint8Array): Buffer
  /** Undefined where the text was not sealed under this key and data. */
  open(sealed: Uint8Array): Buffer | undefined
}

export interface AesSiv {
  /** Any number of strings of associated data; their order matters. */
  context(data: readonly Uint8Array[]): SivContext
}

/**
 * AES-SIV (RFC 5297): deterministic authenticated encryption, S2V over AES-CMAC (RFC 4493) and AES-CTR. Node offers no
 * SIV mode, so the mode is put together here from its AES; two calls of it seal a text of any length. `key`: 32 or
 * 64 bytes, the first half authenticates, the second encrypts. Throws `RangeError` for other lengths.
 */
export function createAesSiv(key: Uint8Array): AesSiv {
  if (key.length !== 32 && key.length !== 64) throw new RangeError('an AES-SIV key has 32 or 64 bytes')
  const half = key.length / 2
  const bits = half * 8
  const mac = createMac(key.subarray(0, half), bits)
  // Blocks of a counter are encrypted one by one, all in one call; ECB keeps no state between calls.
  const counter = createCipheriv(`aes-${bits}-ecb`, key.subarray(half), null).setAutoPadding(false)

  const scratch = createScratch()
  const stream = (iv: Uint8Array, text: Uint8Array): Buffer => {
    const blocks = Math.ceil(text.length / size)
    const input = scratch(blocks)
    for (let i = 0; i < blocks; i++) {
      const at = i * size
      for (let j = 0; j < size; j++) input[at + j] = iv[j] as number
      input[at + 8] = (input[at + 8] as number) & 0x7f
      input[at + 12] = (input[at + 12] as number) & 0x7f
      if (i > 0) input.writeUInt32BE((input.readUInt32BE(at + 12) + i) >>> 0, at + 12)
    }
    const out = counter.update(input)
    for (let i = 0; i < text.length; i++) out[i] = (out[i] as number) ^ (text[i] as number)
    return out.subarray(0, text.length)
  }

  return {
    context(data) {
      let d = mac(Buffer.alloc(size))
      for (const one of data) {
        const next = double(d)
        xor(next, mac(one))
        d = next
      }
      const doubled = double(d)
      const block = Buffer.alloc(size)
      const ivOf = (plain: Uint8Array): Buffer => {
        if (plain.length < size) {
          for (let i = 0; i < size; i++)
            block[i] = (doubled[i] as number) ^ (i < plain.length ? (plain[i] as number) : 0)
          block[plain.length] = (block[plain.length] as number) ^ 0x80
          return mac(block)
        }
        const text = Buffer.from(plain)
        const end = text.length - size
        for (let i = 0; i < size; i++) text[end + i] = (text[end + i] as number) ^ (d[i] as number)
        return mac(text)
      }
      return {
        seal(plain) {
          const iv = ivOf(plain)
          const sealed = Buffer.allocUnsafe(size + plain.length)
          for (let i = 0; i < size; i++) sealed[i] = iv[i] as number
          if (plain.length > 0) sealed.set(stream(iv, plain), size)
          return sealed
        },
        open(sealed) {
          if (sealed.length < size) return undefined
          const iv = sealed.subarray(0, size)
          const text = sealed.subarray(size)
          const plain = text.length === 0 ? Buffer.alloc(0) : stream(iv, text)
          return timingSafeEqual(ivOf(plain), iv) ? plain : undefined
        },
      }
    },
  }
}

/** AES-CMAC (RFC 4493). One cipher serves all messages: what CBC carries over is taken out of the next first block. */
function createMac(key: Uint8Array, bits: number): (message: Uint8Array) => Buffer {
  const zero = Buffer.alloc(size)
  const cipher = createCipheriv(`aes-${bits}-cbc`, key, zero).setAutoPadding(false)
  let carried = cipher.update(zero)
  const k1 = double(carried)
  const k2 = double(k1)
  const scratch = createScratch()
  return (message) => {
    const whole = message.length > 0 && message.length % size === 0
    const blocks = whole ? message.length / size : Math.floor(message.length / size) + 1
    const input = scratch(blocks)
    input.fill(0, message.length)
    input.set(message)
    if (!whole) input[message.length] = 0x80
    const last = whole ? k1 : k2
    const end = (blocks - 1) * size
    for (let i = 0; i < size; i++) input[end + i] = (input[end + i] as number) ^ (last[i] as number)
    for (let i = 0; i < size; i++) input[i] = (input[i] as number) ^ (carried[i] as number)
    carried = cipher.update(input).subarray(end)
    return carried
  }
}

/** Buffers of so many blocks, each used again: a cipher has read its input when it returns. */
function createScratch(): (blocks: number) => Buffer {
  const made: Buffer[] = []
  return (blocks) => {
    if (blocks > 16) return Buffer.allocUnsafe(blocks * size)
    let buffer = made[blocks]
    if (buffer === undefined) {
      buffer = Buffer.allocUnsafeSlow(blocks * size)
      made[blocks] = buffer
    }
    return buffer
  }
}

/** Multiplication by x in GF(2^128) (RFC 5297 section 2.3). */
function double(block: Uint8Array): Buffer {
  const out = Buffer.alloc(size)
  let carry = 0
  for (let i = size - 1; i >= 0; i--) {
    const byte = block[i] as number
    out[i] = ((byte << 1) | carry) & 0xff
    carry = byte >>> 7
  }
  out[size - 1] = (out[size - 1] as number) ^ (carry * 0x87)
  return out
}

function xor(target: Buffer, other: Uint8Array): void {
  for (let i = 0; i < size; i++) target[i] = (target[i] as number) ^ (other[i] as number)
}
