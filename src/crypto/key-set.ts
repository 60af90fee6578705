import { parseJwk } from './parse-jwk.ts'
import { canonicalAlgorithm, isSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.ts'
import type { KeyProblem, VerificationKey } from './verification-key.ts'

/** Most keys of one set; more is not a key set but a burden. */
export const maxKeys = 100

/** The keys of one issuer. Never shared between issuers. */
export interface KeySet {
  /**
   * The key for a header's `kid` and `alg`; without `kid` the only key of that algorithm. Undefined where no key
   * is bound to exactly that algorithm.
   */
  find(kid: string | undefined, algorithm: string): VerificationKey | undefined
  readonly keys: readonly VerificationKey[]
  /** Keys of the document that cannot be used, and why. */
  readonly problems: readonly KeyProblem[]
}

/**
 * Builds a set. `named: false` is for a single key from the configuration (a PEM, a secret), where the token's
 * `kid` names nothing that is known here and is not looked at.
 */
export function createKeySet(
  keys: readonly VerificationKey[],
  options: { readonly named: boolean; readonly problems?: readonly KeyProblem[] },
): KeySet {
  const byKid = new Map<string, VerificationKey[]>()
  for (const key of keys) {
    if (key.kid === undefined) continue
    const same = byKid.get(key.kid)
    if (same === undefined) byKid.set(key.kid, [key])
    else same.push(key)
  }
  return {
    keys,
    problems: options.problems ?? [],
    find(kid, algorithm) {
      if (!isSignatureAlgorithm(algorithm)) return undefined
      const canonical = canonicalAlgorithm(algorithm)
      const among = kid === undefined || !options.named ? keys : byKid.get(kid)
      let found: VerificationKey | undefined
      for (const key of among ?? []) {
        if (key.algorithm !== canonical) continue
        // Two candidates: which one is meant is not the token's to leave open.
        if (found !== undefined) return undefined
        found = key
      }
      return found
    },
  }
}

/**
 * A JWK Set (RFC 7517 §5). Keys that cannot be used are left out and reported; undefined where the document is
 * no key set at all. Secrets count only in a set of secrets: mixed with public keys every key is left out,
 * because one of the two was published by mistake.
 */
export function parseKeySet(
  value: unknown,
  allowed: readonly SignatureAlgorithm[],
  options: { readonly secrets: boolean } = { secrets: false },
): KeySet | undefined {
  if (typeof value !== 'object' || value === null || !('keys' in value)) return undefined
  const listed: unknown = value.keys
  if (!Array.isArray(listed) || listed.length > maxKeys) return undefined
  if (new Set(listed.map((item: unknown) => memberOf(item, 'kty') === 'oct')).size > 1)
    return createKeySet([], { named: true, problems: ['secret among public keys'] })
  const twice = namesGivenTwice(listed)
  const keys: VerificationKey[] = []
  const problems: KeyProblem[] = []
  for (const item of listed) {
    const parsed = twice.has(nameOf(item)) ? 'kid used twice' : parseJwk(item, allowed)
    if (typeof parsed === 'string') problems.push(parsed)
    else if (parsed.key.type === 'secret' && !options.secrets) problems.push('secret among public keys')
    else keys.push(parsed)
  }
  return createKeySet(keys, { named: true, problems })
}

/** Two signing keys of one type under one `kid` (RFC 7517 §4.5): which is meant cannot be known. */
function namesGivenTwice(listed: readonly unknown[]): ReadonlySet<string> {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const item of listed) {
    if (memberOf(item, 'kid') === undefined || memberOf(item, 'use') === 'enc') continue
    const name = nameOf(item)
    if (seen.has(name)) twice.add(name)
    seen.add(name)
  }
  return twice
}

function nameOf(item: unknown): string {
  return JSON.stringify([memberOf(item, 'kty'), memberOf(item, 'kid')])
}

function memberOf(item: unknown, name: string): unknown {
  return typeof item === 'object' && item !== null && Object.hasOwn(item, name)
    ? (item as Record<string, unknown>)[name]
    : undefined
}
