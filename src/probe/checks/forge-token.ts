import { createHmac } from 'node:crypto'
import { exportSPKI, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'

/** A JWT taken apart. */
export interface Token {
  readonly head: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly signature: string
}

export function takeApart(token: string): Token | undefined {
  const [head = '', claims = '', signature = ''] = token.split('.')
  try {
    return {
      head: JSON.parse(Buffer.from(head, 'base64url').toString('utf8')) as Record<string, unknown>,
      claims: JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as Record<string, unknown>,
      signature,
    }
  } catch {
    return undefined
  }
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token with any signature. */
export function putTogether(head: object, claims: object, signature: string): string {
  return `${encode(head)}.${encode(claims)}.${signature}`
}

/** A token signed with HMAC. */
export function signWithSecret(head: object, claims: object, secret: string, algorithm = 'HS256'): string {
  const text = `${encode({ ...head, alg: algorithm })}.${encode(claims)}`
  const digest = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' }[algorithm] ?? 'sha256'
  return `${text}.${createHmac(digest, secret).update(text).digest('base64url')}`
}

/** A token signed with a private JWK. */
export async function signWithKey(
  key: Readonly<Record<string, unknown>>,
  head: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
): Promise<string> {
  const alg = typeof key['alg'] === 'string' ? key['alg'] : key['kty'] === 'RSA' ? 'RS256' : 'ES256'
  return new SignJWT(claims as JWTPayload)
    .setProtectedHeader({ ...head, alg })
    .sign(await importJWK(key as JWK, alg))
}

/** Spellings of a public key that a careless verifier may take for an HMAC secret. */
export async function spellingsOf(key: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  try {
    const shown = publicHalf(key)
    const alg = typeof key['alg'] === 'string' ? key['alg'] : key['kty'] === 'RSA' ? 'RS256' : 'ES256'
    const imported = await importJWK({ ...shown, ext: true } as JWK, alg, { extractable: true })
    if (imported instanceof Uint8Array) return []
    const pem = await exportSPKI(imported)
    return [pem, pem.trimEnd(), `${pem.trimEnd()}\n`, JSON.stringify(shown)]
  } catch {
    return []
  }
}

/** A private JWK without its private members. */
export function publicHalf(key: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { d: _, p: __, q: ___, dp: ____, dq: _____, qi: ______, ...shown } = key
  return shown
}

const words =
  'secret password changeme 123456 jwt jwtsecret jwt_secret jwt-secret secretkey secret_key secret-key mysecret my_secret my-secret supersecret super-secret super_secret your-256-bit-secret your_jwt_secret your-secret-key your_secret_key default admin test dev development key private privatekey token tokensecret auth api apikey api_key s3cr3t S3cr3t passw0rd P@ssw0rd letmein qwerty 1234567890 12345678 abc123 random hello world node express flask django SECRET SECRET_KEY JWT_SECRET thisisasecret this-is-a-secret this_is_a_secret topsecret top_secret top-secret notsosecret insecure weak vulnerable crapi vampi shhhhh shhh keyboard-cat changeit change_me change-me example sample demo app application server backend hmac signing signingkey signing-key'.split(
    ' ',
  )

/** The HMAC secret of a token, where it is a word that everybody tries. */
export function guessSecret(token: string, more: readonly string[]): string | undefined {
  const parts = token.split('.')
  const head = takeApart(token)?.head
  const algorithm = String(head?.['alg'])
  if (!/^HS(?:256|384|512)$/.test(algorithm)) return undefined
  const digest = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' }[algorithm] ?? 'sha256'
  return ['', ...words, ...more].find(
    (word) => createHmac(digest, word).update(`${parts[0]}.${parts[1]}`).digest('base64url') === parts[2],
  )
}
