import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What an API key looks like to a caller. */
export interface ApiKeyText {
  /** Public part: names the key in logs and commands. */
  readonly id: string
  /** The whole key: a secret. */
  readonly text: string
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** What secret scanners find them by. */
const apiKeyPrefix = 'slp_live_'

const idLength = 12
/** 27 × log2 62 = 160 bits. */
const secretLength = 27
const checksumLength = 6
const secretStart: number = apiKeyPrefix.length + idLength + 1
const bodyLength: number = secretStart + secretLength

/** Length of every API key. */
export const apiKeyLength: number = bodyLength + checksumLength

/** The whole form, as a scanner should look for it. */
export const apiKeyPattern: RegExp = /^slp_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{33}$/

/**
 * Makes `slp_live_<id>_<secret><checksum>`: an id of 71 bits, a secret of 160, and the CRC-32 of all before it in
 * base62, so that a scanner tells a real key from text that looks like one, and a mistyped key costs no look-up.
 * With `id` only the secret is new: a rotation.
 */
export function createApiKeyText(id: string = randomWord(idLength)): ApiKeyText {
  const body = `${apiKeyPrefix}${id}_${randomWord(secretLength)}`
  return { id, text: body + checksumOf(body) }
}

/** The id of a well-formed key; undefined for anything else. Says nothing about whether the key exists. */
export function parseApiKeyText(text: string): string | undefined {
  if (text.length !== apiKeyLength || !apiKeyPattern.test(text)) return undefined
  if (checksumOf(text.slice(0, bodyLength)) !== text.slice(bodyLength)) return undefined
  return text.slice(apiKeyPrefix.length, secretStart - 1)
}

function checksumOf(body: string): string {
  let rest = crc32(body)
  let text = ''
  for (let i = 0; i < checksumLength; i++) {
    text = alphabet.charAt(rest % 62) + text
    rest = Math.floor(rest / 62)
  }
  return text
}

/** Each character as likely as any other: bytes beyond the last whole multiple of 62 are thrown away. */
function randomWord(length: number): string {
  let word = ''
  while (word.length < length)
    for (const byte of randomBytes(length * 2)) {
      if (byte < 248) word += alphabet.charAt(byte % 62)
      if (word.length === length) break
    }
  return word
}
