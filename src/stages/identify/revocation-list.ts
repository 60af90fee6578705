import { type Clock, systemClock } from '../../kernel/clock.ts'
import type { Principal } from '../../kernel/principal.ts'
import type { NewRevocation, Revocation, RevocationKind, RevocationStore } from '../../kernel/revocation.ts'
import type { Denial } from '../../kernel/verdict.ts'
import { credentialRevoked, revocationsUnavailable } from './denials.ts'
import { createFollower } from './follower.ts'

/** What identify asks about every verified credential, also about one it knows already. */
export interface Revocations {
  /** The refusal of a credential that was taken back; undefined where it was not. */
  judge(principal: Principal): Denial | undefined
}

/** The deny-list in memory, kept up to date with its store. */
export interface RevocationList extends Revocations {
  /** Revokes: durable, and in force in this process, when it resolves; elsewhere within a second. */
  revoke(revocation: NewRevocation): Promise<Revocation>
  /** One that another thread of this process has written already: in force when this returns. */
  learn(revocation: Revocation): void
  /** Loads the list. Rejects where the store cannot be read. */
  start(): Promise<void>
  readonly size: number
  close(): void
}

export interface RevocationListOptions {
  readonly store: RevocationStore
  readonly clock?: Clock
  /** Default 300. */
  readonly everyMs?: number
  /** Default 4,000: with it a revocation counts everywhere within 5 s, or nothing passes. */
  readonly staleMs?: number
  /** Calls `ring` when another process has written: the list is then read at once. */
  readonly bell?: (ring: () => void) => void
  /** Most revocations there may be; default a million. */
  readonly capacity?: number
}

const page = 1000
const purgeMs = 600_000

/**
 * Three maps by what a revocation is about. A look-up costs nothing while a map is empty, and touches strings whose
 * hash is known otherwise. Where the store cannot be read any more every credential is refused (503): one that
 * was taken back could not be told from one that was not.
 */
export function createRevocationList(options: RevocationListOptions): RevocationList {
  const { store, clock = systemClock, everyMs = 300, staleMs = 4000, capacity = 1_000_000 } = options
  const lists: Readonly<Record<RevocationKind, Map<string, readonly Revocation[]>>> = {
    token: new Map(),
    subject: new Map(),
    client: new Map(),
  }
  const { token, subject, client } = lists
  let change = 0
  let size = 0
  let purgedAt = clock.monotonic()

  function apply(one: Revocation): void {
    const list = lists[one.kind]
    const known = list.get(one.value)
    const others = known?.filter((other) => other.issuer !== one.issuer) ?? []
    size += others.length + 1 - (known?.length ?? 0)
    list.set(one.value, [...others, one])
  }

  async function read(): Promise<void> {
    for (;;) {
      const found = await store.since(change, page)
      for (const one of found) {
        apply(one)
        if (one.change > change) change = one.change
      }
      if (found.length < page) break
    }
    if (clock.monotonic() - purgedAt < purgeMs) return
    purgedAt = clock.monotonic()
    await store.purge(clock.now())
    sweep(clock.now())
  }

  function sweep(now: number): void {
    for (const list of Object.values(lists))
      for (const [value, all] of list) {
        const left = all.filter((one) => one.until > now)
        if (left.length === all.length) continue
        size -= all.length - left.length
        if (left.length === 0) list.delete(value)
        else list.set(value, left)
      }
  }

  function covers(all: readonly Revocation[], principal: Principal): boolean {
    for (const one of all) {
      if (one.issuer !== undefined && one.issuer !== principal.issuer) continue
      if (one.until <= clock.now()) continue
      const { iat } = principal.claims
      // Whole seconds: of a token of that very second nobody can say whether it came before.
      if (one.kind === 'token' || typeof iat !== 'number' || iat * 1000 <= one.before) return true
    }
    return false
  }

  function isRevoked(principal: Principal): boolean {
    if (token.size > 0) {
      const { jti } = principal.claims
      const all = typeof jti === 'string' ? token.get(jti) : undefined
      if (all !== undefined && covers(all, principal)) return true
    }
    if (subject.size > 0) {
      const all = subject.get(principal.sub)
      if (all !== undefined && covers(all, principal)) return true
    }
    if (client.size > 0 && principal.client !== undefined) {
      const all = client.get(principal.client)
      if (all !== undefined && covers(all, principal)) return true
    }
    return false
  }

  const follower = createFollower({ read, clock, everyMs, staleMs })
  options.bell?.(() => follower.now().catch(() => undefined))

  return {
    judge(principal) {
      if (!follower.isFresh()) return revocationsUnavailable()
      if (size === 0) return undefined
      if (isRevoked(principal) || principal.beside?.some(isRevoked) === true) return credentialRevoked()
      return undefined
    },
    async revoke(revocation) {
      if (size >= capacity) throw new Error('there are too many revocations')
      const made = await store.add(revocation, clock.now())
      // Not `change`: what others wrote in between is still to be read.
      apply(made)
      return made
    },
    // Not `change`, as above.
    learn: apply,
    start: follower.start,
    get size() {
      return size
    },
    close: follower.close,
  }
}
