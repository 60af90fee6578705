import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ProblemReply } from './contract.ts'
import { createGatekeeper } from './gatekeeper.ts'
import { openApiOf } from './openapi.ts'
import { type AdminProblemCode, adminProblems, type QueryError } from './problem.ts'
import { parseQuery, type Route } from './route.ts'
import { type AdminSources, createRoutes, schemas } from './routes.ts'

export interface AdminOptions extends AdminSources {
  /** Where set, every route but `/healthz` and `/readyz` needs it as a bearer token, on loopback too. */
  readonly token?: string | undefined
  /** Names beside `localhost` and loopback addresses by which the API may be asked for. */
  readonly hosts?: readonly string[]
  /** Told of exceptions; callers learn nothing of them. */
  readonly onFault?: (error: unknown, operationId: string) => void
}

export interface Admin {
  /** For `http.createServer`; never throws. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void
  /** Every route, for tests that walk them. */
  readonly routes: readonly Route[]
}

const always: readonly (readonly [string, string])[] = [
  ['Cache-Control', 'no-store'],
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
]

/**
 * The admin API: health, metrics, audit events, coverage, keys and its own OpenAPI document, all read-only.
 * Callers of other machines are refused unless a token is configured, and so is every name but this machine's
 * (CVE-2020-11710, CVE-2021-33190). One table of routes makes the router and the document; the credential is
 * asked for before the route is known (CVE-2021-45232). Refusals are RFC 9457 with codes of `adminProblems`.
 */
export function createAdmin(options: AdminOptions): Admin {
  const gatekeeper = createGatekeeper({ token: options.token, hosts: options.hosts ?? [] })
  const table = createRoutes(options)
  const describing: Route = {
    path: '/api/v1/openapi.json',
    operationId: 'describe',
    summary: 'This document',
    reply: { type: 'object' },
    answer: () => ({ status: 200, json: document }),
  }
  const routes = [...table, describing]
  const document = openApiOf(routes, schemas)
  const exact = new Map(
    routes.filter(({ path }) => !path.endsWith('/{id}')).map((route) => [route.path, route]),
  )
  const byPrefix = new Map(
    routes
      .filter(({ path }) => path.endsWith('/{id}'))
      .map((route) => [route.path.slice(0, -'{id}'.length), route]),
  )

  function find(path: string): { readonly route: Route; readonly id: string } | undefined {
    const route = exact.get(path)
    if (route !== undefined) return { route, id: '' }
    const cut = path.lastIndexOf('/') + 1
    const item = byPrefix.get(path.slice(0, cut))
    const id = decode(path.slice(cut))
    return item === undefined || id === undefined || id === '' ? undefined : { route: item, id }
  }

  async function serve(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const refused = gatekeeper.refuse(request)
    if (refused !== undefined) return refuse(response, requestId, refused)
    const target = request.url ?? ''
    const mark = target.indexOf('?')
    const found = find(mark === -1 ? target : target.slice(0, mark))
    if (found?.route.open !== true && !gatekeeper.knows(request))
      return refuse(response, requestId, 'ADMIN_UNAUTHENTICATED')
    if (found === undefined) return refuse(response, requestId, 'ADMIN_NOT_FOUND')
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, requestId, 'ADMIN_METHOD')
    if (
      request.headers['transfer-encoding'] !== undefined ||
      Number(request.headers['content-length'] ?? 0) > 0
    )
      return refuse(response, requestId, 'ADMIN_BODY')
    const query = parseQuery(
      found.route.query ?? [],
      new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1)),
    )
    if ('errors' in query) return refuse(response, requestId, 'ADMIN_QUERY', query.errors)
    try {
      const reply = await found.route.answer({ query: query.values, id: found.id })
      if (reply === undefined) return refuse(response, requestId, 'ADMIN_NOT_FOUND')
      if ('text' in reply) send(response, reply.status, reply.mediaType, reply.text)
      else send(response, reply.status, 'application/json', JSON.stringify(reply.json))
    } catch (error) {
      options.onFault?.(error, found.route.operationId)
      refuse(response, requestId, 'ADMIN_FAULT')
    }
  }

  return {
    routes,
    handle(request, response) {
      const requestId = randomUUID()
      for (const [name, value] of always) response.setHeader(name, value)
      response.setHeader('X-Request-Id', requestId)
      serve(request, response, requestId).catch((error: unknown) => {
        options.onFault?.(error, 'admin')
        response.destroy()
      })
    },
  }
}

function refuse(
  response: ServerResponse,
  requestId: string,
  code: AdminProblemCode,
  errors?: readonly QueryError[],
): void {
  const { status, title } = adminProblems[code]
  if (code === 'ADMIN_UNAUTHENTICATED') response.setHeader('WWW-Authenticate', 'Bearer')
  if (code === 'ADMIN_METHOD') response.setHeader('Allow', 'GET, HEAD')
  // A body that nobody reads must not be taken for the next request.
  if (code === 'ADMIN_BODY' || code === 'ADMIN_METHOD') response.setHeader('Connection', 'close')
  const problem: ProblemReply = {
    type: `urn:sallyport:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    code,
    instance: requestId,
    ...(errors === undefined ? {} : { errors }),
  }
  send(response, status, 'application/problem+json', JSON.stringify(problem))
}

function send(response: ServerResponse, status: number, mediaType: string, body: string): void {
  response.statusCode = status
  response.setHeader('Content-Type', mediaType)
  response.setHeader('Content-Length', Buffer.byteLength(body))
  // node:http leaves the body out of the reply to HEAD.
  response.end(body)
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
