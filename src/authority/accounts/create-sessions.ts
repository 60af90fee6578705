import { randomBytes } from 'node:crypto'
import type { Core } from './core.ts'
import type { Sessions } from './sessions.ts'

export interface SessionLimits {
  /** A session that was not used for so long has ended. */
  readonly idleMs: number
  /** No session lives longer, used or not. */
  readonly longestMs: number
}

/** A day without use, two weeks in all. */
export const sessionLimits: SessionLimits = { idleMs: 24 * 3_600_000, longestMs: 14 * 24 * 3_600_000 }

const seenEveryMs = 60_000

export function createSessions(core: Core, limits: SessionLimits): Sessions {
  const { clock, repositories } = core
  return {
    async open(sub, amr, visit, id = randomBytes(24).toString('base64url')) {
      const created = clock.now()
      await repositories.sessions.put({
        id,
        sub,
        amr,
        created,
        lastSeen: created,
        address: visit.address,
        userAgent: printable(visit.userAgent),
      })
      return { id, sub, amr, created }
    },
    async find(id) {
      const found = await repositories.sessions.find(id)
      if (found === undefined || found.accountDisabled) return undefined
      const now = clock.now()
      if (now - found.lastSeen > limits.idleMs || now - found.created > limits.longestMs) return undefined
      if (now - found.lastSeen >= seenEveryMs) await repositories.sessions.seen(id, now)
      return { id, sub: found.sub, amr: found.amr, created: found.created }
    },
    async list(sub, current) {
      const now = clock.now()
      const all = await repositories.sessions.of(sub)
      return all
        .filter((one) => now - one.lastSeen <= limits.idleMs && now - one.created <= limits.longestMs)
        .map(({ id, created, lastSeen, address, userAgent }) => ({
          id,
          created,
          lastSeen,
          address,
          userAgent,
          current: id === current,
        }))
    },
    async end(sub, id) {
      const ended = await repositories.sessions.end(sub, id)
      if (!ended) return false
      await core.announce({ at: clock.now(), sub, kind: 'session-ended', session: id })
      core.emit('session-ended', { sub })
      return true
    },
    endAll: (sub, keep) => core.signOut(sub, keep, {}),
  }
}

/** A browser's own words, for a list: bounded, without controls. */
function printable(text: string): string {
  return text.toWellFormed().replace(/\p{C}/gu, ' ').slice(0, 256)
}
