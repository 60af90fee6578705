import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type BrowserSession,
  type GrantView,
  InteractionLost,
  type Interactions,
  type InteractionView,
  type Login,
} from '../../../src/authority/interaction.ts'
import type { FakeAccounts } from './fake-accounts.ts'

/** The protocol's part in memory: interactions bound to a browser by a cookie, sessions, grants. */
export interface FakeInteractions extends Interactions {
  /** Begins an interaction in this browser (sets its cookie); answers its path. */
  begin(response: ServerResponse, view: Partial<InteractionView>): string
  readonly grantsOf: Map<string, GrantView[]>
  /** Makes every session that old, in seconds. */
  age(seconds: number): void
}

export function createFakeInteractions(base: string, accounts: FakeAccounts): FakeInteractions {
  const under = new Map<string, { view: InteractionView; secret: string }>()
  const sessions = new Map<string, BrowserSession>()
  const grantsOf = new Map<string, GrantView[]>()
  const path = (uid: string): string => `${base}/interaction/${uid}`

  function set(response: ServerResponse, name: string, value: string): void {
    const kept = [response.getHeader('set-cookie') ?? []].flat().map(String)
    response.setHeader('set-cookie', [...kept, `${name}=${value}; Path=/; HttpOnly; SameSite=Lax`])
  }
  function leave(response: ServerResponse, to: string): void {
    response.statusCode = 303
    response.setHeader('Location', to)
    response.end()
  }
  function find(request: IncomingMessage): { view: InteractionView; secret: string } {
    const uid = /\/interaction\/([\w-]+)/.exec(request.url ?? '')?.[1] ?? ''
    const found = under.get(uid)
    if (found === undefined || cookie(request, 'fake-interaction') !== found.secret)
      throw new InteractionLost('not of this browser')
    return found
  }
  async function open(
    _request: IncomingMessage,
    response: ServerResponse,
    login: Login,
  ): Promise<BrowserSession> {
    const secret = randomBytes(16).toString('hex')
    const session = {
      uid: randomBytes(8).toString('hex'),
      sub: login.sub,
      loginTime: Date.now() / 1000,
      amr: login.amr,
    }
    sessions.set(secret, session)
    set(response, 'fake-session', secret)
    return session
  }
  const back = (view: InteractionView, more: string): string => `${view.redirectUri}?${more}&state=xyz`

  return {
    grantsOf,
    age(seconds) {
      for (const [key, session] of sessions)
        sessions.set(key, { ...session, loginTime: Date.now() / 1000 - seconds })
    },
    begin(response, view) {
      const uid = randomBytes(16).toString('base64url')
      const secret = randomBytes(16).toString('hex')
      under.set(uid, {
        secret,
        view: {
          uid,
          step: 'login',
          reasons: ['no_session'],
          client: {
            id: 'shop',
            name: 'Trip Planner',
            logoUri: undefined,
            policyUri: 'https://planner.example/privacy',
            tosUri: 'https://planner.example/terms',
            verified: false,
          },
          sub: undefined,
          loginHint: undefined,
          acrValues: [],
          locales: [],
          scopes: [
            { name: 'openid', resource: undefined, description: undefined, asked: true },
            {
              name: 'profile:read',
              resource: 'https://api.travel.example',
              description: 'Read your travel profile',
              asked: true,
            },
            {
              name: 'calendar:read',
              resource: 'https://api.travel.example',
              description: 'See your calendar',
              asked: true,
            },
            { name: 'email', resource: undefined, description: undefined, asked: false },
          ],
          claims: [],
          resources: ['https://api.travel.example'],
          lifetime: { accessToken: 600, grant: 7_776_000 },
          device: false,
          redirectUri: 'https://planner.example/callback',
          expires: Date.now() + 1_800_000,
          ...view,
        },
      })
      set(response, 'fake-interaction', secret)
      return path(uid)
    },
    path,
    details: async (request) => find(request).view,
    async finishLogin(request, response, login) {
      const found = find(request)
      if (found.view.step !== 'login') throw new InteractionLost('out of order')
      found.view = { ...found.view, step: 'consent', sub: login.sub }
      leave(response, path(found.view.uid))
    },
    async finishConsent(request, response, scopes) {
      const { view } = find(request)
      if (view.step !== 'consent' || view.sub === undefined) throw new InteractionLost('out of order')
      under.delete(view.uid)
      const granted = view.scopes.filter((scope) => scopes === undefined || scopes.includes(scope.name))
      const now = Math.floor(Date.now() / 1000)
      grantsOf.set(view.sub, [
        {
          id: randomBytes(4).toString('hex'),
          client: view.client,
          scopes: granted,
          created: now,
          expires: now + 7_776_000,
        },
        ...(grantsOf.get(view.sub) ?? []),
      ])
      leave(response, back(view, 'code=abc'))
    },
    async abort(request, response) {
      const { view } = find(request)
      under.delete(view.uid)
      leave(response, back(view, 'error=access_denied'))
    },
    async session(request) {
      const found = sessions.get(cookie(request, 'fake-session') ?? '')
      if (found === undefined) return undefined
      return accounts.sessionsOf(found.sub).some(({ id }) => id === found.uid) ? found : undefined
    },
    signIn: open,
    async signOut(request, response) {
      const secret = cookie(request, 'fake-session') ?? ''
      const session = sessions.get(secret)
      if (session !== undefined) await accounts.sessions.end(session.sub, session.uid)
      sessions.delete(secret)
      set(response, 'fake-session', '')
    },
    async signOutEverywhere(sub, keep) {
      await accounts.sessions.endAll(sub, keep)
      if (keep === undefined) grantsOf.delete(sub)
    },
    grants: async (sub) => grantsOf.get(sub) ?? [],
    async revokeGrant(sub, id) {
      const list = grantsOf.get(sub) ?? []
      grantsOf.set(
        sub,
        list.filter((grant) => grant.id !== id),
      )
      return list.some((grant) => grant.id === id)
    },
  }
}

function cookie(request: IncomingMessage, name: string): string | undefined {
  return (request.headers.cookie ?? '')
    .split('; ')
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1)
}
