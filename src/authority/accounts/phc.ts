/** Cost and value of an argon2id hash. */
export interface Argon2Hash extends Argon2Cost {
  readonly salt: Buffer
  readonly value: Buffer
}

export interface Argon2Cost {
  /** KiB. */
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

const form =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/

/** Reads a PHC string (`$argon2id$v=19$m=19456,t=2,p=1$salt$hash`); undefined for anything else. */
export function parsePhc(text: string): Argon2Hash | undefined {
  const found = form.exec(text)
  if (found === null) return undefined
  const [, memory, passes, parallelism, salt = '', value = ''] = found
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    value: Buffer.from(value, 'base64'),
  }
}

/** Writes a PHC string: base64 without padding. */
export function printPhc(hash: Argon2Hash): string {
  const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')
  const cost = `m=${hash.memory},t=${hash.passes},p=${hash.parallelism}`
  return `$argon2id$v=19$${cost}$${base64(hash.salt)}$${base64(hash.value)}`
}
