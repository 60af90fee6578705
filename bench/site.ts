import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, SignJWT } from 'jose'

export const issuer = 'https://id.travel.example'
export const audience = 'https://api.travel.example'

/** What all subjects of one run share. */
export interface Site {
  /** Own folder under the system's temporary one. */
  readonly folder: string
  /** Public key of the issuer, PEM. */
  readonly publicKey: string
  /** The same as a JWKS file. */
  readonly jwks: string
  /** RS256 access tokens of user 123, each a little different. */
  readonly tokens: readonly string[]
  /** Signed by somebody else. */
  readonly badToken: string
  close(): void
}

const scope = 'profile:read bookings:read bookings:write files:read files:write'

/** Makes keys and tokens. `tokens` is how many different ones the load carries. */
export async function createSite(tokens: number): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
  const trusted = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicKey = join(folder, 'issuer.pem')
  writeFileSync(publicKey, trusted.publicKey.export({ type: 'spki', format: 'pem' }))
  const jwks = join(folder, 'jwks.json')
  const jwk = { ...(await exportJWK(trusted.publicKey)), kid: 'bench', alg: 'RS256', use: 'sig' }
  writeFileSync(jwks, JSON.stringify({ keys: [jwk] }))
  const sign = (key: typeof trusted.privateKey, jti: string): Promise<string> =>
    new SignJWT({ scope, client_id: 'bench', roles: ['traveller'] })
      .setProtectedHeader({ alg: 'RS256', kid: 'bench', typ: 'at+jwt' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject('123')
      .setJti(jti)
      .setIssuedAt()
      .setExpirationTime('6h')
      .sign(key)
  return {
    folder,
    publicKey,
    jwks,
    tokens: await Promise.all(
      Array.from({ length: tokens }, (_, n) => sign(trusted.privateKey, `bench-${n}`)),
    ),
    badToken: await sign(stranger.privateKey, 'stranger'),
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}
