import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Sealer } from '../crypto/sealer.ts'
import type { Clock } from '../kernel/clock.ts'
import type { SigningKeyRepository, StoredKey } from '../repositories/signing-keys.ts'

/** ES256 signs access tokens and, unless a client asks otherwise, ID tokens; RS256 is what OpenID Connect Core wants offered. */
const algorithms = ['ES256', 'RS256'] as const

/** Milliseconds for which a key that signs no more is published: longer than any token it signed lives. */
const overlapMs = 24 * 3_600_000

/** The server's signing keys: made at first start, sealed at rest, rotated with overlap. */
export interface SigningKeys {
  /** Private JWKs, those that sign first. For the protocol server alone. */
  readonly all: readonly JWK[]
  /** What everybody may see. */
  readonly published: { readonly keys: readonly JWK[] }
  /** Makes new keys; the old ones stay published. */
  rotate(): Promise<void>
  /** Reads again what another process may have changed, rotates what is too old; true where the keys are others now. */
  refresh(): Promise<boolean>
}

export interface SigningKeyOptions {
  readonly repository: SigningKeyRepository
  readonly sealer: Sealer
  readonly clock: Clock
  /** Milliseconds after which keys are replaced; 0 never. */
  readonly rotateMs: number
}

/** Loads the keys, or makes the first ones. Throws where one cannot be opened: then the sealing key is the wrong one. */
export async function createSigningKeys(options: SigningKeyOptions): Promise<SigningKeys> {
  const { repository, sealer, clock, rotateMs } = options
  let all: readonly JWK[] = []
  let published: { readonly keys: readonly JWK[] } = { keys: [] }
  let print = ''
  let newest = 0

  async function load(): Promise<boolean> {
    const stored = await repository.list()
    // Those that sign come first: the protocol server takes the first that fits.
    const ordered = [
      ...stored.filter((key) => key.retired === undefined),
      ...stored.filter((key) => key.retired !== undefined),
    ]
    const now = ordered.map((key) => `${key.kid}:${key.retired ?? ''}`).join()
    if (now === print) return false
    all = ordered.map((key) => openKey(key, sealer))
    published = { keys: all.map(publicPart) }
    newest = Math.max(0, ...stored.filter((key) => key.retired === undefined).map((key) => key.created))
    print = now
    return true
  }

  const make = (): Promise<StoredKey[]> =>
    Promise.all(algorithms.map((algorithm) => makeKey(algorithm, sealer, clock.now())))

  async function rotate(): Promise<void> {
    await repository.replace(await make(), clock.now())
    await load()
  }

  await load()
  if (algorithms.some((algorithm) => !all.some((key) => key.alg === algorithm))) {
    await repository.addFirst(await make())
    await load()
  }

  return {
    get all() {
      return all
    },
    get published() {
      return published
    },
    rotate,
    async refresh() {
      const before = print
      await repository.removeRetired(clock.now() - overlapMs)
      await load()
      if (rotateMs > 0 && clock.now() - newest >= rotateMs) await rotate()
      return print !== before
    },
  }
}

async function makeKey(algorithm: string, sealer: Sealer, now: number): Promise<StoredKey> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true, modulusLength: 3072 })
  const jwk = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint(jwk)
  const whole = { ...jwk, kid, alg: algorithm, use: 'sig' }
  return {
    kid,
    algorithm,
    sealed: sealer.seal(JSON.stringify(whole), `authority_keys ${kid}`),
    created: now,
    retired: undefined,
  }
}

function openKey(key: StoredKey, sealer: Sealer): JWK {
  const text = sealer.open(key.sealed, `authority_keys ${key.kid}`)
  if (text === undefined)
    throw new Error('a signing key cannot be opened: this is not the key it was sealed with')
  return JSON.parse(text) as JWK
}

/** Named members only: a private one that jose may learn of later cannot slip through. */
function publicPart(jwk: JWK): JWK {
  const { kty, kid, alg, use, crv, x, y, n, e } = jwk
  return {
    ...(kty !== undefined && { kty }),
    ...(kid !== undefined && { kid }),
    ...(alg !== undefined && { alg }),
    ...(use !== undefined && { use }),
    ...(crv !== undefined && { crv }),
    ...(x !== undefined && { x }),
    ...(y !== undefined && { y }),
    ...(n !== undefined && { n }),
    ...(e !== undefined && { e }),
  }
}
