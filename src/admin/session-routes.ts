import { randomBytes } from 'node:crypto'
import Type, { type Static } from 'typebox'
import type { Clock } from '../kernel/clock.ts'
import type { DoneReply, SessionReply, SignInWays, StartReply } from './contract.ts'
import type { Cookies } from './cookie.ts'
import type { Gatekeeper } from './gatekeeper.ts'
import type { Question, RouteModule, RouteReply } from './route.ts'
import type { AdminSessions } from './sessions.ts'
import type { Access, StartedSignIn } from './sign-in.ts'
import type { Identity, Visitor } from './visitor.ts'

export interface SessionRoutesOptions {
  readonly sessions: AdminSessions
  readonly cookies: Cookies
  readonly gatekeeper: Gatekeeper
  readonly access: Access
  readonly clock: Clock
  ways(): SignInWays
}

const secret = Type.String({ minLength: 1, maxLength: 8192 })
const request = Type.Union([
  Type.Object({ kind: Type.Literal('setup'), token: secret }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('token'), token: secret }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('start') }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('code'), code: secret, state: secret }, { additionalProperties: false }),
])

/** Sign-ins under way at once; the oldest goes. */
const mostStarted = 200
const startedMs = 10 * 60_000
/** Of the set-up link: long enough to make an account. */
const setupMs = 60 * 60_000

/** How one gets in, is told who one is, and leaves. */
export function createSessionRoutes(options: SessionRoutesOptions): RouteModule {
  const { sessions, cookies, gatekeeper, access, clock } = options
  const started = new Map<string, { readonly signIn: StartedSignIn; readonly until: number }>()

  function viewOf({ name, role, via, csrf = '', expires }: Visitor): SessionReply {
    return {
      name,
      role,
      via,
      csrf,
      ...(expires !== undefined && { expires: new Date(expires).toISOString() }),
      signIn: options.ways(),
    }
  }

  function open(identity: Identity | undefined, question: Question): RouteReply {
    const made = identity === undefined ? undefined : sessions.open(identity, '')
    if (made === undefined) return { refused: 'ADMIN_SIGN_IN' }
    return {
      status: 200,
      json: viewOf(made.visitor),
      headers: {
        'Set-Cookie': cookies.write('session', made.cookie, made.seconds, question.header('origin')),
      },
    }
  }

  async function start(question: Question): Promise<RouteReply> {
    const origin = originOf(question)
    const signIn = origin === undefined ? undefined : await access.page?.start(`${origin}/`)
    if (signIn === undefined) return { refused: 'ADMIN_SIGN_IN' }
    // Only the browser that began may end it: nobody can be signed in as somebody else without knowing.
    const cookie = randomBytes(32).toString('base64url')
    if (started.size >= mostStarted) started.delete(started.keys().next().value ?? '')
    started.set(cookie, { signIn, until: clock.now() + startedMs })
    return {
      status: 200,
      json: { authorize: signIn.authorize } satisfies StartReply,
      headers: { 'Set-Cookie': cookies.write('start', cookie, startedMs / 1000, origin) },
    }
  }

  async function finish(question: Question, code: string, state: string): Promise<RouteReply> {
    const cookie = cookies.read({ headers: { cookie: question.header('cookie') } }, 'start')
    const found = cookie === undefined ? undefined : started.get(cookie)
    if (cookie !== undefined) started.delete(cookie)
    if (found === undefined || found.until < clock.now() || found.signIn.state !== state)
      return { refused: 'ADMIN_SIGN_IN' }
    return open(await access.page?.finish(found.signIn, code), question)
  }

  return {
    schemas: { Session: sessionSchema },
    routes: [
      {
        path: '/api/v1/session',
        operationId: 'getSession',
        summary: 'Who one is here, and what `X-CSRF` must be',
        reply: { $ref: '#/components/schemas/Session' },
        answer: ({ visitor }) => (visitor === undefined ? undefined : { status: 200, json: viewOf(visitor) }),
      },
      {
        method: 'POST',
        path: '/api/v1/session',
        operationId: 'signIn',
        summary: 'Signs in: with the set-up link, a token, or by the page of the authorization server',
        entrance: true,
        body: request,
        maxBody: 32_768,
        reply: {
          anyOf: [
            { $ref: '#/components/schemas/Session' },
            { type: 'object', required: ['authorize'], properties: { authorize: { type: 'string' } } },
          ],
        },
        target: () => undefined,
        async answer(question) {
          const body = question.body as Static<typeof request>
          switch (body.kind) {
            case 'setup':
              return open(
                access.setup?.redeem(body.token) === true ? firstAdministrator : undefined,
                question,
              )
            case 'token':
              return open(await gatekeeper.identify(body.token), question)
            case 'start':
              return start(question)
            case 'code':
              return finish(question, body.code, body.state)
          }
        },
      },
      {
        method: 'DELETE',
        path: '/api/v1/session',
        operationId: 'signOut',
        summary: 'Signs out',
        role: 'viewer',
        reply: { type: 'object', required: ['done'], properties: { done: { type: 'string' } } },
        answer(question) {
          const cookie = cookies.read({ headers: { cookie: question.header('cookie') } }, 'session')
          if (cookie !== undefined) sessions.close(cookie)
          return {
            status: 200,
            json: { done: 'signed-out' } satisfies DoneReply,
            headers: { 'Set-Cookie': cookies.write('session', '', 0, question.header('origin')) },
          }
        },
      },
    ],
  }
}

const firstAdministrator: Identity = {
  name: 'set-up',
  issuer: '',
  sub: 'set-up',
  role: 'administrator',
  via: 'setup',
  longestMs: setupMs,
}

const sessionSchema = {
  type: 'object',
  required: ['name', 'role', 'via', 'csrf', 'signIn'],
  properties: {
    name: { type: 'string' },
    role: { enum: ['viewer', 'operator', 'administrator'] },
    via: { enum: ['loopback', 'token', 'account', 'issuer', 'setup'] },
    csrf: { type: 'string' },
    expires: { type: 'string', format: 'date-time' },
    signIn: {
      type: 'object',
      properties: {
        account: { type: 'boolean' },
        token: { type: 'boolean' },
        setup: { type: 'boolean' },
      },
    },
  },
}

/** Where the page is: its `Origin` was compared with `Host` before. */
function originOf(question: Question): string | undefined {
  const origin = question.header('origin')
  if (origin !== undefined && /^https?:\/\/[\w.:[\]-]+$/.test(origin)) return origin
  const host = question.header('host')
  return host === undefined ? undefined : `http://${host}`
}
