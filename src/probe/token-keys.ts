import { exportJWK, generateKeyPair } from 'jose'

type Jwk = Readonly<Record<string, unknown>>

/** What is known of the keys that tokens are checked with, and keys of the probe's own. */
export interface TokenKeys {
  /** Public keys as JWK, of the configuration's issuers. */
  readonly published: readonly Jwk[]
  /** Private keys of issuers that sign locally (development). */
  readonly signing: readonly Jwk[]
  /** A JWKS document with the public half of `own`. */
  readonly spoofed: string
  /** The same with that of `rsa`. */
  readonly spoofedRsa: string
  /** A private key of the probe's own as JWK, for ES256. */
  readonly own: Jwk
  /** Another, for RS256. */
  readonly rsa: Jwk
}

/** Makes the probe's own keys, beside those that the operator has. */
export async function createTokenKeys(known: Pick<TokenKeys, 'published' | 'signing'>): Promise<TokenKeys> {
  const [own, rsa] = [await createKey('ES256'), await createKey('RS256')]
  return { ...known, spoofed: own.document, spoofedRsa: rsa.document, own: own.key, rsa: rsa.key }
}

async function createKey(alg: string): Promise<{ readonly key: Jwk; readonly document: string }> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const about = { kid: 'sallyport-probe', alg, use: 'sig' }
  return {
    key: { ...(await exportJWK(privateKey)), ...about },
    document: JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), ...about }] }),
  }
}
