import { exportJWK, generateKeyPair, SignJWT } from 'jose'

export const issuer = 'https://id.example.test'
const audience = 'https://api.example.test'

/** What a call of the load is: good, or one that must never reach the upstream. Also the beginning of its path. */
export const badKinds = [
  'anonymous',
  'forged',
  'unsigned',
  'expired',
  'revoked',
  'foreign',
  'no-scope',
  'elsewhere',
] as const
export type BadKind = (typeof badKinds)[number]
export type Kind = 'good' | BadKind

export interface ChaosTokens {
  /** The key set that the key server shows. */
  readonly jwks: string
  /** `Authorization` of each kind; undefined: none. */
  readonly of: Readonly<Record<Kind, string | undefined>>
  /** A good token of a caller that was never seen before. */
  fresh(): Promise<string>
}

export const revokedId = 'taken-back'

/** Tokens of one caller, 123. */
export async function createChaosTokens(): Promise<ChaosTokens> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const stranger = await generateKeyPair('ES256')
  const now = Math.floor(Date.now() / 1000)
  const token = (claims: Record<string, unknown> = {}, key = privateKey): Promise<string> =>
    new SignJWT({
      iss: issuer,
      aud: audience,
      sub: '123',
      scope: 'things:read things:write',
      iat: now - 5,
      exp: now + 3000,
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' })
      .sign(key)
      .then((text) => `Bearer ${text}`)
  const good = await token()
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = good.split('.')[1] ?? ''
  let count = 0
  return {
    jwks: JSON.stringify({
      keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }],
    }),
    of: {
      good,
      anonymous: undefined,
      forged: await token({}, stranger.privateKey),
      unsigned: `Bearer ${encode({ alg: 'none', typ: 'at+jwt', kid: 'k1' })}.${claims}.`,
      // Longer ago than any jump of the clock.
      expired: await token({ iat: now - 90_000, exp: now - 86_400 }),
      revoked: await token({ jti: revokedId }),
      foreign: good,
      'no-scope': await token({ scope: 'things:write' }),
      elsewhere: await token({ aud: 'https://other.example.test' }),
    },
    fresh: () => token({ sub: `caller-${count}`, jti: `fresh-${count++}` }),
  }
}
