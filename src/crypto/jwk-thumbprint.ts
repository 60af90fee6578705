import { hash } from 'node:crypto'

/** The members that make a key, in the order in which they are hashed. */
const required: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
  ['RSA', ['e', 'kty', 'n']],
])

/** SHA-256 thumbprint of a public JWK (RFC 7638 §3), base64url; undefined where it is no such key. */
export function jwkThumbprint(jwk: Readonly<Record<string, unknown>>): string | undefined {
  const names = required.get(Object.hasOwn(jwk, 'kty') ? jwk['kty'] : undefined)
  if (names === undefined) return undefined
  const members: string[] = []
  for (const name of names) {
    const value = Object.hasOwn(jwk, name) ? jwk[name] : undefined
    if (typeof value !== 'string') return undefined
    members.push(`"${name}":${JSON.stringify(value)}`)
  }
  return hash('sha256', `{${members.join()}}`, 'base64url')
}
