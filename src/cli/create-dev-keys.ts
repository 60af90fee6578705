import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'

/** Makes an ES256 key pair (`signing-key.json`, mode 0600, and `jwks.json`) in a folder, unless both are there. */
export async function createDevKeys(folder: string): Promise<void> {
  const signingKey = join(folder, 'signing-key.json')
  const jwks = join(folder, 'jwks.json')
  if (existsSync(signingKey) && existsSync(jwks)) return
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const shown = await exportJWK(publicKey)
  const about = { kid: await calculateJwkThumbprint(shown), alg: 'ES256', use: 'sig' }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(signingKey, `${JSON.stringify({ ...(await exportJWK(privateKey)), ...about }, null, 2)}\n`, {
    mode: 0o600,
  })
  writeFileSync(jwks, `${JSON.stringify({ keys: [{ ...shown, ...about }] }, null, 2)}\n`)
}
