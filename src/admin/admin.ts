import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, systemClock } from '../kernel/clock.ts'
import type { AdminChange } from './change.ts'
import type { AdminRole } from './contract.ts'
import { createCookies } from './cookie.ts'
import { createRouteFinder } from './find-route.ts'
import { createGatekeeper, type Gatekeeper } from './gatekeeper.ts'
import { openApiOf } from './openapi.ts'
import { createReplies } from './replies.ts'
import { methodOf, type Question, type Route, type RouteModule, roleNeeded } from './route.ts'
import { type AdminSources, createRoutes, schemas } from './routes.ts'
import { createSessionRoutes } from './session-routes.ts'
import { type AdminSessions, createAdminSessions } from './sessions.ts'
import type { Access } from './sign-in.ts'
import type { StaticFiles } from './static-files.ts'
import { createTaker } from './take-request.ts'
import { isAtLeast, type Visitor } from './visitor.ts'

export interface AdminOptions extends AdminSources {
  /** Where set, it makes an administrator as a bearer token, and loopback alone is nobody. */
  readonly token?: string | undefined
  /** What coming from this machine is worth: `viewer` unless a token is set or it is written. */
  readonly loopback?: AdminRole | 'none' | undefined
  /** Names beside `localhost` and loopback addresses by which the API may be asked for. */
  readonly hosts?: readonly string[]
  /** More ways in. */
  readonly access?: Access
  /** Further routes, beside those that every admin API has. */
  readonly modules?: readonly RouteModule[]
  /** The console. */
  readonly files?: StaticFiles | undefined
  /** Tells the cookies of several gateways on one host apart: the port. */
  readonly cookieSuffix?: string
  readonly clock?: Clock
  /** Told of every change, and of every try that was refused. */
  readonly onChange?: (change: AdminChange) => void
  /** Told of exceptions; callers learn nothing of them. */
  readonly onFault?: (error: unknown, operationId: string) => void
}

export interface Admin {
  /** For `http.createServer`; never throws. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void
  /** Every route, for tests that walk them. */
  readonly routes: readonly Route[]
  readonly sessions: AdminSessions
}

/**
 * The admin API and the console. Who may ask is decided before the route is known (CVE-2021-45232); callers of other machines
 * need a credential, and only this machine's names are answered (CVE-2020-11710, CVE-2021-33190). What changes
 * something needs a role, the `X-CSRF` of the session and the same origin, and is put on record. One table of routes
 * makes the router and the OpenAPI document. Refusals are RFC 9457 with codes of `adminProblems`.
 */
export function createAdmin(options: AdminOptions): Admin {
  const clock = options.clock ?? systemClock
  const sessions = createAdminSessions(clock)
  const cookies = createCookies(options.cookieSuffix ?? '')
  const access = options.access ?? {}
  const gatekeeper = createGatekeeper({
    token: options.token,
    loopback: options.loopback ?? (options.token === undefined ? 'viewer' : 'none'),
    hosts: options.hosts ?? [],
    sessions,
    cookies,
    bearer: access.bearer,
  })
  const ways = () => ({
    account: access.page !== undefined,
    token: gatekeeper.takesTokens,
    setup: access.setup?.open === true,
  })
  const describing: Route = {
    path: '/api/v1/openapi.json',
    operationId: 'describe',
    summary: 'This document',
    reply: { type: 'object' },
    answer: () => ({ status: 200, json: document }),
  }
  const modules: readonly RouteModule[] = [
    { routes: createRoutes(options), schemas },
    createSessionRoutes({ sessions, cookies, gatekeeper, access, ways, clock }),
    ...(options.modules ?? []),
  ]
  const routes = [...modules.flatMap((module) => module.routes), describing]
  const document = openApiOf(routes, Object.assign({}, ...modules.map((module) => module.schemas ?? {})))
  const find = createRouteFinder(routes)
  const take = createTaker(routes)
  const replies = createReplies(ways)

  async function serve(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const refused = gatekeeper.refuse(request)
    if (refused !== undefined) return replies.refuse(response, requestId, { refused })
    const target = request.url ?? ''
    const mark = target.indexOf('?')
    const path = mark === -1 ? target : target.slice(0, mark)
    const found = find(path)
    // A page is nobody's secret, and one must see it to sign in.
    if (found === undefined && options.files?.answer(request, response, path) === true) return
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '')
    const route = found?.byMethod.get(method)
    const visitor = route?.open === true ? undefined : await gatekeeper.visitor(request)
    if (visitor === undefined && route?.open !== true && route?.entrance !== true)
      return replies.refuse(response, requestId, { refused: 'ADMIN_UNAUTHENTICATED' })
    if (found === undefined) return replies.refuse(response, requestId, { refused: 'ADMIN_NOT_FOUND' })
    if (route === undefined)
      return replies.refuse(response, requestId, { refused: 'ADMIN_METHOD' }, [...found.byMethod.keys()])
    await answer(request, response, {
      route,
      visitor,
      id: found.id,
      requestId,
      search: target.slice(path.length + 1),
    })
  }

  async function answer(request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<void> {
    const { route, visitor, id, requestId } = asked
    const changes = methodOf(route) !== 'GET'
    const tell = (status: number, code: string | undefined, question: Question | undefined): void => {
      if (changes) options.onChange?.(changeOf(route, asked, status, code, question, request))
    }
    const denied = deny(route, visitor, request, gatekeeper)
    if (denied !== undefined) {
      replies.refuse(response, requestId, { refused: denied })
      return tell(403, denied, undefined)
    }
    const taken = await take(request, route, asked.search)
    if ('refused' in taken) return replies.refuse(response, requestId, taken)
    const question: Question = {
      query: taken.query,
      body: taken.body,
      id,
      accept: request.headers.accept ?? '',
      visitor,
      async stillIn() {
        const now = await gatekeeper.visitor(request, false)
        return now !== undefined && isAtLeast(now.role, roleNeeded(route))
      },
      header(name) {
        const value = request.headers[name]
        return typeof value === 'string' ? value : undefined
      },
    }
    try {
      const reply = await route.answer(question)
      const { status, code } = replies.send(response, requestId, reply, request.method === 'HEAD')
      tell(status, code, question)
    } catch (error) {
      options.onFault?.(error, route.operationId)
      replies.refuse(response, requestId, { refused: 'ADMIN_FAULT' })
      tell(503, 'ADMIN_FAULT', question)
    }
  }

  return {
    routes,
    sessions,
    handle(request, response) {
      const requestId = randomUUID()
      replies.begin(response, requestId)
      serve(request, response, requestId).catch((error: unknown) => {
        options.onFault?.(error, 'admin')
        response.destroy()
      })
    },
  }
}

interface Asked {
  readonly route: Route
  readonly visitor: Visitor | undefined
  readonly id: string
  readonly requestId: string
  readonly search: string
}

/** Why somebody who is known may not do this. */
function deny(
  route: Route,
  visitor: Visitor | undefined,
  request: IncomingMessage,
  gatekeeper: Gatekeeper,
): 'ADMIN_ROLE' | 'ADMIN_CSRF' | undefined {
  if (visitor === undefined || route.entrance === true) return undefined
  if (!isAtLeast(visitor.role, roleNeeded(route))) return 'ADMIN_ROLE'
  if (methodOf(route) !== 'GET' && !gatekeeper.isFromPage(request, visitor)) return 'ADMIN_CSRF'
  return undefined
}

function changeOf(
  route: Route,
  { visitor, id, requestId }: Asked,
  status: number,
  code: string | undefined,
  question: Question | undefined,
  request: IncomingMessage,
): AdminChange {
  const [, , , type = 'admin'] = route.path.split('/')
  const target =
    question !== undefined && route.target !== undefined
      ? route.target(question)
      : id === ''
        ? undefined
        : { type, id }
  const body = question?.body
  const reason =
    typeof body === 'object' && body !== null && 'reason' in body && typeof body.reason === 'string'
      ? body.reason
      : undefined
  return {
    requestId,
    operationId: route.operationId,
    method: methodOf(route),
    path: route.path,
    visitor,
    address: request.socket.remoteAddress ?? '',
    status,
    code,
    target,
    roles: rolesIn(body),
    reason,
  }
}

function rolesIn(body: unknown): readonly string[] {
  return typeof body === 'object' && body !== null && 'roles' in body && Array.isArray(body.roles)
    ? body.roles.map(String)
    : []
}
