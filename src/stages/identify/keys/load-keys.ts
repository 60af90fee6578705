import { readFileSync, statSync } from 'node:fs'
import { type KeySet, parseKeySet } from '../../../crypto/key-set.ts'
import type { SignatureAlgorithm } from '../../../crypto/signature-algorithm.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Outbound } from '../../../outbound/create-outbound.ts'
import { OutboundError } from '../../../outbound/outbound-error.ts'
import type { LoadKeys } from './renewed-keys.ts'

const rediscoverMs = 600_000

/** From a JWK Set URL. Secrets never come over the network. */
export function loadFromUrl(
  outbound: Outbound,
  url: string,
  algorithms: readonly SignatureAlgorithm[],
): LoadKeys {
  return async () => keySetOf(await outbound.getJson(url), algorithms)
}

/**
 * From the issuer's metadata: OpenID Connect Discovery §4, else RFC 8414 §3. The document's `issuer` must be the
 * configured one to the letter, or anyone who can answer for a URL could lend another issuer's name.
 */
export function loadFromDiscovery(
  outbound: Outbound,
  issuer: string,
  algorithms: readonly SignatureAlgorithm[],
  clock: Clock,
): LoadKeys {
  let found: string | undefined
  let foundAt = 0
  return async () => {
    if (found === undefined || clock.monotonic() - foundAt > rediscoverMs) {
      found = await discover(outbound, issuer)
      foundAt = clock.monotonic()
    }
    try {
      return keySetOf(await outbound.getJson(found), algorithms)
    } catch (error) {
      // The keys may have moved: look again next time.
      found = undefined
      throw error
    }
  }
}

async function discover(outbound: Outbound, issuer: string): Promise<string> {
  const [openid, oauth] = metadataUrls(issuer)
  let document: unknown
  try {
    document = await outbound.getJson(openid)
  } catch (error) {
    if (!(error instanceof OutboundError) || error.status !== 404) throw error
    document = await outbound.getJson(oauth)
  }
  const named = memberOf(document, 'issuer')
  const jwks = memberOf(document, 'jwks_uri')
  if (named !== issuer) throw new Error('the discovery document names another issuer')
  if (typeof jwks !== 'string') throw new Error('the discovery document has no jwks_uri')
  return jwks
}

/** The two well-known places of an issuer's metadata. */
export function metadataUrls(issuer: string): readonly [openid: string, oauth: string] {
  const url = new URL(issuer)
  const path = url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '')
  return [
    `${url.origin}${path}/.well-known/openid-configuration`,
    `${url.origin}/.well-known/oauth-authorization-server${path}`,
  ]
}

/** From a file: read once now (throws where that fails), and again when the file has changed. */
export function loadFromFile(
  file: string,
  read: (text: string) => KeySet,
): { readonly initial: KeySet; readonly load: LoadKeys } {
  let stamp = stampOf(file)
  const initial = read(readFileSync(file, 'utf8'))
  return {
    initial,
    load: async () => {
      const now = stampOf(file)
      if (now === stamp) return 'unchanged'
      const set = read(readFileSync(file, 'utf8'))
      stamp = now
      return set
    },
  }
}

function stampOf(file: string): string {
  const { ino, size, mtimeMs } = statSync(file)
  return `${ino} ${size} ${mtimeMs}`
}

function keySetOf(document: unknown, algorithms: readonly SignatureAlgorithm[]): KeySet {
  const set = parseKeySet(document, algorithms)
  if (set === undefined) throw new Error('the document is not a key set')
  return set
}

function memberOf(document: unknown, name: string): unknown {
  return typeof document === 'object' && document !== null && Object.hasOwn(document, name)
    ? (document as Record<string, unknown>)[name]
    : undefined
}
