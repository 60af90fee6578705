// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import type { Reading } from './reading.ts'
import { Secret } from './secret.ts'

/** A key that seals what is stored: 32 bytes or more, in base64url or hex. `pointer`: of the key itself. */
export function readEncryptionKey(
  value: string | undefined,
  pointer: string,
  reading: Reading,
): Secret | undefined {
  if (value === undefined) return undefined
  if (!reading.isSubstituted(pointer))
    reading.warn(
      pointer,
      'config.secret-in-file',
      'a secret is written in the configuration file',
      'write `${NAME}` or `${file:PATH}`',
    )
  const key = value.trim()
  const bytes = /^[0-9a-f]{64,}$/i.test(key) ? Buffer.from(key, 'hex') : Buffer.from(key, 'base64url')
  if (bytes.length < 32)
    reading.error(
      pointer,
      'config.secret-short',
      'the encryption key is shorter than 32 bytes: it could be guessed',
      'make one with `openssl rand -base64 32`',
    )
  return new Secret(bytes.toString('base64url'))
}
