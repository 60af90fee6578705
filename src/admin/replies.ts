import type { ServerResponse } from 'node:http'
import type { ProblemReply, SignInWays } from './contract.ts'
import { type AdminProblemCode, adminProblems, type MemberError, type QueryError } from './problem.ts'
import type { ReplyHeaders, RouteReply } from './route.ts'

const always: readonly (readonly [string, string])[] = [
  ['Cache-Control', 'no-store'],
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
]

/** What is wrong with a request. */
export interface Refusal {
  readonly refused: AdminProblemCode
  readonly errors?: readonly QueryError[]
  readonly members?: readonly MemberError[]
  readonly headers?: ReplyHeaders
}

/** The one way from an answer to bytes. */
export interface Replies {
  /** Headers that every reply has. */
  begin(response: ServerResponse, requestId: string): void
  /** Sends what a route gave; says what went out. */
  send(
    response: ServerResponse,
    requestId: string,
    reply: RouteReply,
    head: boolean,
  ): { readonly status: number; readonly code: string | undefined }
  refuse(response: ServerResponse, requestId: string, refusal: Refusal, methods?: readonly string[]): void
}

export function createReplies(ways: () => SignInWays): Replies {
  const replies: Replies = {
    begin(response, requestId) {
      for (const [name, value] of always) response.setHeader(name, value)
      response.setHeader('X-Request-Id', requestId)
    },
    send(response, requestId, reply, head) {
      if (reply === undefined || 'refused' in reply) {
        const refusal = reply ?? { refused: 'ADMIN_NOT_FOUND' as const }
        replies.refuse(response, requestId, refusal)
        return { status: adminProblems[refusal.refused].status, code: refusal.refused }
      }
      if ('stream' in reply) {
        response.setHeader('Content-Type', reply.mediaType)
        if (head) response.end()
        else reply.stream(response)
        return { status: 200, code: undefined }
      }
      for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value)
      if ('text' in reply) write(response, reply.status, reply.mediaType, reply.text)
      else write(response, reply.status, 'application/json', JSON.stringify(reply.json))
      return { status: reply.status, code: undefined }
    },
    refuse(response, requestId, { refused: code, errors, members, headers }, methods) {
      const { status, title } = adminProblems[code]
      for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
      if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
      if (methods !== undefined)
        response.setHeader(
          'Allow',
          methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', '),
        )
      // A body that nobody reads must not be taken for the next request.
      if (!response.req.complete || code === 'ADMIN_METHOD') response.setHeader('Connection', 'close')
      const problem: ProblemReply = {
        type: `urn:sallyport:problem:${code.toLowerCase().replaceAll('_', '-')}`,
        title,
        status,
        code,
        instance: requestId,
        ...(errors !== undefined && { errors }),
        ...(members !== undefined && { members }),
        ...(code === 'ADMIN_UNAUTHENTICATED' && { signIn: ways() }),
      }
      write(response, status, 'application/problem+json', JSON.stringify(problem))
    },
  }
  return replies
}

function write(response: ServerResponse, status: number, mediaType: string, body: string): void {
  response.statusCode = status
  response.setHeader('Content-Type', mediaType)
  response.setHeader('Content-Length', Buffer.byteLength(body))
  // node:http leaves the body out of the reply to HEAD.
  response.end(body)
}
