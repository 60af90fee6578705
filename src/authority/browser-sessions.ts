import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import type { Clock } from '../kernel/clock.ts'
import type { AuthorityRecord, AuthorityRecords } from '../repositories/authority-records.ts'
import { acrOf } from './acr.ts'
import type { Families } from './families.ts'
import type { BrowserSession, Login } from './interaction.ts'
import type { Lifetimes } from './options.ts'
import type { RecordBox } from './record-box.ts'

/** Sessions of browsers at the server, beyond the flows of the protocol. */
export interface BrowserSessions {
  read(request: IncomingMessage, response: ServerResponse): Promise<BrowserSession | undefined>
  signIn(request: IncomingMessage, response: ServerResponse, login: Login): Promise<BrowserSession>
  signOut(request: IncomingMessage, response: ServerResponse): Promise<void>
  signOutEverywhere(sub: string, keepSession?: string): Promise<void>
  /** Ends one session, by its uid. */
  end(sub: string, uid: string): Promise<void>
}

export interface BrowserSessionParts {
  readonly provider: () => Provider
  readonly records: AuthorityRecords
  readonly box: RecordBox
  readonly clock: Clock
  readonly families: Families
  readonly lifetimes: Lifetimes
  readonly secure: boolean
  /** A client could not be told of a sign-out. */
  readonly onLogoutFailed: (client: string, error: unknown) => void
}

type Session = InstanceType<Provider['Session']>

export function createBrowserSessions(parts: BrowserSessionParts): BrowserSessions {
  const { records, box, clock, families, lifetimes, secure } = parts
  const now = (): number => Math.floor(clock.now() / 1000)
  const cookie = {
    httpOnly: true,
    sameSite: 'lax',
    secure,
    signed: true,
    path: '/',
    overwrite: true,
  } as const

  function open(request: IncomingMessage, response: ServerResponse) {
    const provider = parts.provider()
    const ctx = provider.createContext(request, response)
    // As the protocol does it: whether a cookie may be `Secure` is the issuer's affair.
    ctx.cookies.secure = secure
    return { provider, ctx, session: provider.Session.get(ctx as never) as Promise<Session> }
  }

  /** Tells clients, and ends what was granted in the session. */
  async function close(session: Session): Promise<void> {
    const { Client } = parts.provider()
    for (const [id, { sid, grantId, persistsLogout }] of Object.entries(session.authorizations ?? {})) {
      const client = await Client.find(id).catch(() => undefined)
      const uri = (client as { backchannelLogoutUri?: string } | undefined)?.backchannelLogoutUri
      if (client !== undefined && uri !== undefined && session.accountId !== undefined)
        // A client that does not answer keeps nobody signed in here.
        void (client as unknown as { backchannelLogout(sub: string, sid?: string): Promise<void> })
          .backchannelLogout(session.accountId, sid)
          .catch((error: unknown) => parts.onLogoutFailed(id, error))
      if (grantId !== undefined && persistsLogout !== true) await families.revoke(grantId)
    }
    await session.destroy()
  }

  async function closeRecord(record: AuthorityRecord): Promise<void> {
    const payload = box.unpack(record)
    if (payload === undefined) await records.destroy(record.model, record.id)
    else await close(new (parts.provider().Session as unknown as new (payload: object) => Session)(payload))
  }

  return {
    async read(request, response) {
      const session = await open(request, response).session
      return session.accountId === undefined ? undefined : viewOf(session, session.accountId)
    },
    async signIn(request, response, login) {
      const { provider, ctx, session: opening } = open(request, response)
      const session = await opening
      // Somebody else's session is no start for this one.
      if (session.accountId !== undefined && session.accountId !== login.sub) delete session.authorizations
      session.loginAccount({
        accountId: login.sub,
        amr: [...login.amr],
        acr: login.acr ?? acrOf(login.amr),
        loginTs: now(),
        transient: !login.remember,
      })
      session.resetIdentifier()
      await session.save(Math.min(lifetimes.sessionIdle, lifetimes.session))
      const expires = login.remember ? { expires: new Date((now() + lifetimes.sessionIdle) * 1000) } : {}
      ctx.cookies.set(provider.cookieName('session'), session.jti, { ...cookie, ...expires })
      return viewOf(session, login.sub)
    },
    async signOut(request, response) {
      const { provider, ctx, session: opening } = open(request, response)
      const session = await opening
      if (session.accountId !== undefined) await close(session)
      ctx.cookies.set(provider.cookieName('session'), null, cookie)
    },
    async signOutEverywhere(sub, keepSession) {
      for (const record of await records.list({ model: 'Session', account: sub, now: now() }))
        if (record.uid !== keepSession) await closeRecord(record)
      await records.destroyAll({ model: 'Interaction', account: sub })
      await families.revokeAll({ account: sub })
    },
    async end(sub, uid) {
      const record = await records.find('uid', 'Session', uid, now())
      if (record !== undefined && record.account === sub) await closeRecord(record)
    },
  }
}

function viewOf(session: Session, sub: string): BrowserSession {
  return { uid: session.uid, sub, loginTime: session.loginTs ?? 0, amr: session.amr ?? [] }
}
