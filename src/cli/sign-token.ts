import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { calculateJwkThumbprint, type JWK, SignJWT } from 'jose'
import type { Algorithm, IssuerConfig } from '../config/types/identity-config.ts'
import { Misuse } from './misuse.ts'

export interface TokenRequest {
  readonly subject: string
  readonly scope: string | undefined
  readonly roles: readonly string[]
  readonly client: string | undefined
  readonly claims: readonly (readonly [string, unknown])[]
  readonly lifetimeSeconds: number
}

interface SigningKey {
  readonly key: KeyObject | Uint8Array
  readonly algorithm: Algorithm
  readonly kid: string | undefined
}

/** An access token (RFC 9068) as the issuer of this configuration would make it. */
export async function signToken(issuer: IssuerConfig, request: TokenRequest): Promise<string> {
  const { key, algorithm, kid } = await signingKey(issuer)
  const claims: Record<string, unknown> = Object.create(null)
  for (const [name, value] of request.claims) claims[name] = value
  put(claims, issuer.subject, request.subject)
  if (request.scope !== undefined) put(claims, issuer.scopes, request.scope)
  if (request.roles.length > 0) put(claims, issuer.roles, request.roles)
  if (request.client !== undefined) put(claims, issuer.client, request.client)
  const now = Math.floor(Date.now() / 1000)
  const [first] = issuer.audience
  const type = issuer.types.includes('at+jwt') ? 'at+jwt' : issuer.types.find((name) => name !== 'none')
  return new SignJWT({ jti: randomUUID(), ...claims })
    .setProtectedHeader({
      alg: algorithm,
      ...(type === undefined ? {} : { typ: type }),
      ...(kid === undefined ? {} : { kid }),
    })
    .setIssuer(issuer.issuer)
    .setAudience(first ?? '')
    .setIssuedAt(now)
    .setExpirationTime(now + request.lifetimeSeconds)
    .sign(key)
}

/** Writes a claim, by a dotted path where its name is one. */
function put(claims: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split('.')
  const last = names.pop() ?? path
  let into = claims
  for (const name of names) {
    const next = (Object.hasOwn(into, name) ? into[name] : undefined) as Record<string, unknown> | undefined
    const child: Record<string, unknown> = next ?? Object.create(null)
    into[name] = child
    into = child
  }
  into[last] = value
}

async function signingKey(issuer: IssuerConfig): Promise<SigningKey> {
  if (issuer.keys.kind === 'secret') {
    const [algorithm] = issuer.algorithms
    if (algorithm === undefined) throw new Misuse('token: the issuer has no algorithm')
    return { key: Buffer.from(issuer.keys.secret.reveal()), algorithm, kid: undefined }
  }
  if (issuer.signingKey === undefined)
    throw new Misuse(
      `token: the issuer \`${issuer.name}\` has no local key; name one with \`signingKey: FILE\``,
    )
  const { key, named } = readKey(issuer.signingKey)
  const algorithm = issuer.algorithms.find((candidate) => fits(candidate, key))
  if (algorithm === undefined) throw new Misuse('token: the signing key fits none of the issuer’s algorithms')
  return { key, algorithm, kid: await kidOf(issuer, key, named) }
}

function readKey(file: string): { key: KeyObject; named: string | undefined } {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new Misuse(`token: the signing key ${file} cannot be read`)
  }
  try {
    if (!text.trimStart().startsWith('{')) return { key: createPrivateKey(text), named: undefined }
    const parsed = JSON.parse(text) as JWK & { keys?: JWK[] }
    const jwk = parsed.keys?.[0] ?? parsed
    return {
      key: createPrivateKey({ key: jwk as Readonly<Record<string, unknown>>, format: 'jwk' }),
      named: jwk.kid,
    }
  } catch {
    throw new Misuse(`token: ${file} holds no private key (PEM or JWK)`)
  }
}

const curves: ReadonlyMap<string, string> = new Map([
  ['ES256', 'prime256v1'],
  ['ES384', 'secp384r1'],
  ['ES512', 'secp521r1'],
])

function fits(algorithm: Algorithm, key: KeyObject): boolean {
  const curve = curves.get(algorithm)
  if (curve !== undefined)
    return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === curve
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') return key.asymmetricKeyType === 'ed25519'
  return /^[RP]S/.test(algorithm) && key.asymmetricKeyType === 'rsa'
}

/** The name under which the issuer's key set holds this key. */
async function kidOf(
  issuer: IssuerConfig,
  key: KeyObject,
  named: string | undefined,
): Promise<string | undefined> {
  if (issuer.keys.kind !== 'jwks-file') return named
  const own = await calculateJwkThumbprint(createPublicKey(key).export({ format: 'jwk' }) as JWK)
  const set = JSON.parse(readFileSync(issuer.keys.file, 'utf8')) as { keys?: JWK[] }
  for (const jwk of set.keys ?? []) {
    const thumbprint = await calculateJwkThumbprint(jwk).catch(() => undefined)
    if (thumbprint === own) return jwk.kid
  }
  throw new Misuse(
    `token: the issuer’s key set does not hold the public half of ${issuer.signingKey ?? 'the signing key'}`,
  )
}
