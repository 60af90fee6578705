import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'

/** Files of a development issuer. */
export interface DevKeys {
  /** Private key, JWK, readable by its owner alone. */
  readonly signingKey: string
  /** The public half as a JWKS. */
  readonly jwks: string
}

/** Makes an ES256 key pair under `folder` unless there is one. These keys sign for the example only. */
export async function createDevKeys(folder: string): Promise<DevKeys> {
  const keys = { signingKey: join(folder, 'signing-key.json'), jwks: join(folder, 'jwks.json') }
  if (existsSync(keys.signingKey) && existsSync(keys.jwks)) return keys
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const shown: JWK = await exportJWK(publicKey)
  const about = { kid: await calculateJwkThumbprint(shown), alg: 'ES256', use: 'sig' }
  const hidden = { ...(await exportJWK(privateKey)), ...about }
  writeFileSync(keys.signingKey, JSON.stringify(hidden, undefined, 2), { mode: 0o600 })
  writeFileSync(keys.jwks, JSON.stringify({ keys: [{ ...shown, ...about }] }, undefined, 2))
  return keys
}

/** The private key of `createDevKeys`. */
export function readSigningKey(file: string): JWK {
  return JSON.parse(readFileSync(file, 'utf8')) as JWK
}
