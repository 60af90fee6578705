import { createHmac, type KeyObject, sign as signBytes } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { SignatureAlgorithm } from '../../src/crypto/signature-algorithm.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import type { Matched } from '../../src/kernel/facts.ts'
import { Fields } from '../../src/kernel/fields.ts'
import type { SecurityAlternative, SecurityScheme } from '../../src/kernel/operation.ts'
import type { Principal } from '../../src/kernel/principal.ts'
import { type Denial, isDenied } from '../../src/kernel/verdict.ts'
import { createOutbound } from '../../src/outbound/create-outbound.ts'
import { createIdentify, type Identify } from '../../src/stages/identify/create-identify.ts'
import type {
  ApiOptions,
  IdentifyOptions,
  IssuerOptions,
  SchemeMapping,
} from '../../src/stages/identify/options.ts'
import { arrivedCall, plainOperation } from '../flow/fakes.ts'

export const issuerUrl = 'https://id.travel.example'
export const audience = 'https://api.travel.example'

export function base64url(value: string | Uint8Array): string {
  return Buffer.from(value as Uint8Array).toString('base64url')
}

/** The claims of a good access token; `over` replaces or, with undefined, removes members. */
export function goodClaims(over: Record<string, unknown> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000)
  return { iss: issuerUrl, aud: audience, sub: '123', iat: now, exp: now + 600, scope: 'a b', ...over }
}

/** A key that signs what it is told to, valid or not. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm
  readonly kid: string
  /** Public JWK with `kid` and `alg`. */
  readonly jwk: JWK & { kid: string }
  readonly secret: string | undefined
  /** A token with exactly these claims and header (texts are taken as they are). */
  token(claims?: Record<string, unknown> | string, header?: Record<string, unknown> | string): string
  signature(input: string): Buffer
}

export async function createSigner(algorithm: SignatureAlgorithm, kid = 'k1'): Promise<Signer> {
  const name = algorithm === 'EdDSA' ? 'Ed25519' : algorithm
  const { privateKey, publicKey } = await generateKeyPair(name, { extractable: true })
  const { KeyObject } = await import('node:crypto')
  const key = KeyObject.from(privateKey as CryptoKey)
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm }
  return signerOf(algorithm, kid, jwk, undefined, (input) => signWith(algorithm, key, input))
}

export function createSecretSigner(secret: string, algorithm: 'HS256' | 'HS384' | 'HS512' = 'HS256'): Signer {
  const digest = `sha${algorithm.slice(2)}`
  const jwk = { kty: 'oct', k: base64url(secret), kid: 'k1', alg: algorithm }
  return signerOf(algorithm, 'k1', jwk, secret, (input) => createHmac(digest, secret).update(input).digest())
}

function signerOf(
  algorithm: SignatureAlgorithm,
  kid: string,
  jwk: Signer['jwk'],
  secret: string | undefined,
  signature: Signer['signature'],
): Signer {
  return {
    algorithm,
    kid,
    jwk,
    secret,
    signature,
    token(claims = goodClaims(), header = { alg: algorithm, kid, typ: 'at+jwt' }) {
      const text = (part: unknown): string => (typeof part === 'string' ? part : JSON.stringify(part))
      const input = `${base64url(text(header))}.${base64url(text(claims))}`
      return `${input}.${base64url(signature(input))}`
    },
  }
}

function signWith(algorithm: SignatureAlgorithm, key: KeyObject, input: string): Buffer {
  const data = Buffer.from(input)
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') return signBytes(null, data, key)
  const digest = `sha${algorithm.slice(2)}`
  if (algorithm.startsWith('ES')) return signBytes(digest, data, { key, dsaEncoding: 'ieee-p1363' })
  // RSA_PKCS1_PSS_PADDING, salt as long as the digest; RSA_PKCS1_PADDING.
  if (algorithm.startsWith('PS')) return signBytes(digest, data, { key, padding: 6, saltLength: -1 })
  return signBytes(digest, data, { key, padding: 1 })
}

/** An issuer that trusts the signers' keys. */
export function issuerOf(signers: readonly Signer[], over: Partial<IssuerOptions> = {}): IssuerOptions {
  const [first] = signers
  return {
    name: 'travel',
    issuer: issuerUrl,
    audience: [audience],
    algorithms: [...new Set(signers.map((signer) => signer.algorithm))],
    keys:
      first?.secret === undefined
        ? { kind: 'jwks', value: { keys: signers.map((signer) => signer.jwk) } }
        : { kind: 'secret', secret: first.secret },
    ...over,
  }
}

export const bearerScheme: SecurityScheme = { name: 'bearerAuth', type: 'http', scheme: 'bearer' }

export interface GateOptions {
  readonly security?: readonly SecurityAlternative[]
  readonly schemes?: readonly SecurityScheme[]
  readonly mapping?: readonly SchemeMapping[]
  readonly clock?: Clock
  readonly outbound?: Parameters<typeof createOutbound>[0]
  /** Further options of the stage, and of the one API. */
  readonly stage?: Partial<IdentifyOptions>
  readonly api?: Partial<ApiOptions>
}

/** The stage with one operation behind it. */
export interface TokenGate {
  readonly identify: Identify
  /** What comes of an Authorization field, of several, or of none. */
  present(
    authorization: string | readonly string[] | undefined,
    over?: Partial<Matched>,
  ): Promise<Principal | Denial>
  /** The same for a bearer token. */
  bearer(token: string): Promise<Principal | Denial>
}

export function openGate(issuers: readonly IssuerOptions[], options: GateOptions = {}): TokenGate {
  const operation = plainOperation({
    security: options.security ?? [[{ scheme: 'bearerAuth', scopes: [] }]],
  })
  const identify = createIdentify({
    issuers,
    apis: [
      {
        name: 'travel',
        schemes: options.schemes ?? [bearerScheme],
        operations: [operation],
        ...(options.mapping === undefined ? {} : { security: options.mapping }),
        ...options.api,
      },
    ],
    outbound: createOutbound({ allowLoopback: true, timeoutMs: 2000, ...options.outbound }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...options.stage,
  })
  const present: TokenGate['present'] = async (authorization, over = {}) => {
    const values =
      authorization === undefined ? [] : typeof authorization === 'string' ? [authorization] : authorization
    const fields = new Fields(values.flatMap((value) => ['authorization', value]))
    return identify.run({ ...arrivedCall({ fields }), operation, params: {}, ...over })
  }
  return { identify, present, bearer: (token) => present(`Bearer ${token}`) }
}

/** `sub` of a principal, or the code of a refusal: what most tests compare. */
export function outcomeOf(result: Principal | Denial): string {
  return isDenied(result) ? result.code : result.sub
}

/** Name and value of the challenge in a refusal. */
export function challengeOf(result: Principal | Denial): string | undefined {
  if (!isDenied(result) || result.fields === undefined) return undefined
  const at = result.fields.indexOf('www-authenticate')
  return at < 0 ? undefined : result.fields[at + 1]
}

/** All challenges of a refusal, in order. */
export function challengesOf(result: Principal | Denial): string[] {
  if (!isDenied(result)) return []
  return (result.fields ?? []).filter((_field, i, all) => i % 2 === 1 && all[i - 1] === 'www-authenticate')
}
