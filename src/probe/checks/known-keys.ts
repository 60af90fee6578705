import { importJWK, type JWK, jwtVerify } from 'jose'
import { isObject } from '../../contract/schema.ts'
import { isYes, jsonOf } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import type { TokenKeys } from '../token-keys.ts'
import { publicHalf } from './forge-token.ts'

/** The operator's own signing key, where it is the one that signed the token. */
export async function signingKey(
  text: string,
  keys: TokenKeys,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  for (const key of keys.signing) {
    try {
      await jwtVerify(text, await importJWK(publicHalf(key) as JWK, String(key['alg'] ?? 'ES256')))
      return key
    } catch {
      // Another key, or a token that is over.
    }
  }
  return undefined
}

/** Keys that the target itself publishes. */
export async function publishedBy(world: World): Promise<readonly Readonly<Record<string, unknown>>[]> {
  for (const path of [
    '/.well-known/jwks.json',
    '/jwks.json',
    '/.well-known/sallyport/jwks.json',
    '/oauth/jwks',
    '/auth/jwks',
  ]) {
    const { reply } = await world.session.raw(undefined, { method: 'GET', path })
    const value = isYes(reply) ? jsonOf(reply) : undefined
    const list = isObject(value) ? value['keys'] : undefined
    if (Array.isArray(list)) return list.filter(isObject)
  }
  return []
}
