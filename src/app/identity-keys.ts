import type { Sealer } from '../crypto/sealer.ts'
import type { Clock } from '../kernel/clock.ts'
import type { IdentityKeyRepository, StoredIdentityKey } from '../repositories/identity-keys.ts'
import { createIdentityKey, type IdentityKey, identityKeyId } from '../stages/forward/identity-key.ts'

/** How long a new key is published before it signs: longer than gateways and upstreams go without reading. */
export const leadMs: number = 5 * 60_000
/** How long a key is published after another took its place: longer than what it signed lives. */
const overlapMs = 3_600_000
/** A key of somebody else, sealed with what is not known here, is forgotten so long after it should have been replaced. */
const foreignMs = 24 * 3_600_000
const longestLifeMs = 400 * 24 * 3_600_000
const attempts = 5

/** The keys that all gateways with one database sign with, sealed there and replaced with overlap. */
export interface IdentityKeys {
  /** Those that can be opened here, newest first. */
  readonly all: readonly IdentityKey[]
  /** Keys in the database that were sealed with another key: other gateways sign with those. */
  readonly foreign: number
  /** Makes the next key; it signs after five minutes. */
  rotate(): Promise<void>
  /** Reads again, replaces what is too old; true where the keys are others now. */
  refresh(): Promise<boolean>
}

export interface IdentityKeyOptions {
  readonly repository: IdentityKeyRepository
  readonly sealer: Sealer
  readonly clock: Clock
  /** Milliseconds after which a key is replaced; 0 never. */
  readonly rotateMs: number
}

/** Loads the keys, or makes the first one. Rejects where the database does not answer. */
export async function createIdentityKeys(options: IdentityKeyOptions): Promise<IdentityKeys> {
  const { repository, sealer, clock, rotateMs } = options
  let all: readonly IdentityKey[] = []
  let foreign = 0
  let newest = 0
  let print = ''

  async function load(): Promise<void> {
    const now = clock.now()
    const rows = await repository.list()
    const own: (StoredIdentityKey & { readonly pem: string })[] = []
    const expired: string[] = []
    const foreignLife = (rotateMs === 0 ? longestLifeMs : rotateMs) + foreignMs
    foreign = 0
    newest = Math.max(0, ...rows.map(({ created }) => created))
    for (const row of rows) {
      const pem = sealer.open(row.sealed, placeOf(row.kid))
      if (pem !== undefined) own.push({ ...row, pem })
      else if (row.created < now - foreignLife) expired.push(row.kid)
      else foreign++
    }
    const kept = own.filter((_, i) => {
      const next = own[i - 1]
      return next === undefined || next.created + leadMs + overlapMs > now
    })
    expired.push(...own.slice(kept.length).map(({ kid }) => kid))
    all = kept.map(({ pem, created }, i) => ({
      pem,
      // The first there was has nothing to wait for.
      from: i === kept.length - 1 ? 0 : created + leadMs,
      created,
    }))
    print = kept.map(({ kid }) => kid).join()
    await repository.remove(expired)
  }

  async function rotate(): Promise<void> {
    const pem = createIdentityKey()
    const kid = identityKeyId(pem)
    const sealed = sealer.seal(pem, placeOf(kid))
    // The clock of another gateway may be ahead of this one.
    const created = Math.max(clock.now(), newest + 1)
    await repository.add({ kid, sealed, created }, newest)
    await load()
  }

  async function refresh(): Promise<boolean> {
    const before = print
    await load()
    for (let tries = 0; all.length === 0 && tries < attempts; tries++) await rotate()
    const age = clock.now() - (all[0]?.created ?? 0)
    if (rotateMs > 0 && age >= rotateMs) await rotate()
    return print !== before
  }

  await refresh()
  return {
    get all() {
      return all
    },
    get foreign() {
      return foreign
    },
    rotate,
    refresh,
  }
}

function placeOf(kid: string): string {
  return `identity_keys ${kid}`
}
