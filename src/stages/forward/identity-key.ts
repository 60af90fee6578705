import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'

/** A key that signs `Sallyport-Identity`. */
export interface IdentityKey {
  /** P-256 private key, PKCS #8 PEM. */
  readonly pem: string
  /** When it begins to sign, milliseconds since the epoch; it is published before. */
  readonly from: number
  /** When it was made. */
  readonly created: number
}

/** A public key as the upstream reads it (RFC 7517). */
export interface AssertionKey {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly kid: string
  readonly alg: 'ES256'
  readonly use: 'sig'
}

/** A new private key, PKCS #8 PEM. */
export function createIdentityKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Thumbprint of a key (RFC 7638). */
export function identityKeyId(pem: string): string {
  return publishedKey(privateKeyOf(pem)).kid
}

/** Throws `TypeError` where it is no P-256 private key. */
export function privateKeyOf(pem: string): KeyObject {
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new TypeError('identity: the key must be a P-256 private key')
  return key
}

export function publishedKey(key: KeyObject): AssertionKey {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' })
  // RFC 7638: the members in this very order.
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
    .digest('base64url')
  return Object.freeze({ kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' })
}
