import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../kernel/clock.ts'
import type { AdminRole } from './contract.ts'
import type { Identity, Visitor } from './visitor.ts'

/** Browsers that are signed in at the admin address. They end with the process. */
export interface AdminSessions {
  /** The cookie's value, and the session as its owner sees it; undefined for an identity without a role. */
  open(
    identity: Identity,
    address: string,
  ): { readonly cookie: string; readonly visitor: Visitor; readonly seconds: number } | undefined
  /** Who has this cookie; asks for the role again where that is due. `uses`: somebody does something, and is not idle. */
  find(cookie: string, address: string, uses?: boolean): Promise<Visitor | undefined>
  close(cookie: string): void
  readonly size: number
}

/** Most sessions at once; the one that was quiet longest goes. */
const most = 500
const idleMs = 30 * 60_000
const longestMs = 12 * 60 * 60_000
/** A role that was taken away, or an account that was disabled, counts after this. */
const renewMs = 2_000

interface Session {
  readonly identity: Identity
  readonly csrf: string
  readonly expires: number
  role: AdminRole
  seen: number
  renewed: number
}

export function createAdminSessions(clock: Clock): AdminSessions {
  // In the order of use: the first is the one that was quiet longest. By digest: a dump of memory gives no cookie.
  const sessions = new Map<string, Session>()
  const keyOf = (cookie: string): string => createHash('sha256').update(cookie).digest('base64url')
  const visitorOf = (session: Session, address: string): Visitor => ({
    name: session.identity.name,
    issuer: session.identity.issuer,
    sub: session.identity.sub,
    role: session.role,
    via: session.identity.via,
    csrf: session.csrf,
    expires: session.expires,
    address,
  })

  return {
    open(identity, address) {
      if (identity.role === undefined) return undefined
      const now = clock.now()
      const lasts = Math.min(identity.longestMs ?? longestMs, longestMs)
      const cookie = randomBytes(32).toString('base64url')
      const session: Session = {
        identity,
        csrf: randomBytes(24).toString('base64url'),
        expires: now + lasts,
        role: identity.role,
        seen: now,
        renewed: now,
      }
      if (sessions.size >= most) sessions.delete(sessions.keys().next().value ?? '')
      sessions.set(keyOf(cookie), session)
      return { cookie, visitor: visitorOf(session, address), seconds: Math.floor(lasts / 1000) }
    },
    async find(cookie, address, uses = true) {
      const key = keyOf(cookie)
      const session = sessions.get(key)
      if (session === undefined) return undefined
      const now = clock.now()
      if (session.expires <= now || session.seen + idleMs <= now) {
        sessions.delete(key)
        return undefined
      }
      if (session.identity.renew !== undefined && session.renewed + renewMs <= now) {
        const role = await session.identity.renew()
        if (role === undefined) {
          sessions.delete(key)
          return undefined
        }
        session.role = role
        session.renewed = now
      }
      // It may have been closed while the role was asked for.
      if (!sessions.has(key)) return undefined
      if (uses) {
        session.seen = now
        sessions.delete(key)
        sessions.set(key, session)
      }
      return visitorOf(session, address)
    },
    close(cookie) {
      sessions.delete(keyOf(cookie))
    },
    get size() {
      return sessions.size
    },
  }
}
