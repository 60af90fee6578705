import type { Hold } from '../../../kernel/hold.ts'
import type { Principal } from '../../../kernel/principal.ts'

/** Most callers that are held at once; the hold that was made first goes. */
const most = 10_000

/** Who has to prove something anew, looked up on every call. */
export class HoldList {
  #holds = new Map<string, Hold>()

  get size(): number {
    return this.#holds.size
  }

  add(hold: Hold): void {
    if (this.#holds.size >= most) this.#holds.delete(this.#holds.keys().next().value ?? '')
    this.#holds.set(keyOf(hold), hold)
  }

  /** What holds from now on. */
  replace(holds: readonly Hold[]): void {
    this.#holds = new Map(holds.slice(0, most).map((hold) => [keyOf(hold), hold]))
  }

  remove(issuer: string, sub: string): number {
    let gone = 0
    for (const response of ['step-up', 'revoke'] as const)
      if (this.#holds.delete(keyOf({ issuer, sub, response }))) gone++
    return gone
  }

  live(now: number): readonly Hold[] {
    return [...this.#holds.values()].filter(({ until }) => until > now)
  }

  /** The hold that a caller does not satisfy; undefined: it may pass. What a credential does not state counts as old. */
  failed(principal: Principal, now: number): Hold | undefined {
    if (this.#holds.size === 0 || principal.kind === 'none') return undefined
    const { issuer, sub, claims } = principal
    const revoked = this.#holds.get(keyOf({ issuer, sub, response: 'revoke' }))
    if (revoked !== undefined && revoked.until > now && !isAfter(claims['iat'], revoked.since)) return revoked
    const held = this.#holds.get(keyOf({ issuer, sub, response: 'step-up' }))
    if (held !== undefined && held.until > now && !isAfter(claims['auth_time'], held.since)) return held
    return undefined
  }
}

/** Seconds against milliseconds: of that very second nobody can say whether it came before. */
function isAfter(seconds: unknown, since: number): boolean {
  return typeof seconds === 'number' && seconds * 1000 > since
}

function keyOf({ issuer, sub, response }: Pick<Hold, 'issuer' | 'sub' | 'response'>): string {
  return `${response}\0${issuer}\0${sub}`
}
