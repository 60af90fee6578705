import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DatabaseSync } from 'node:sqlite'

/** One request as the route handlers see it. */
export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly database: DatabaseSync
  /** Directory for exports. */
  readonly folder: string
  /** Decoded path parameters in order. */
  readonly params: readonly string[]
  readonly query: URLSearchParams
  /** Who the token says is calling; empty when there is none. */
  readonly sub: string
}

export type Handler = (call: Call) => void | Promise<void>

/** Method, path pattern, handler. The pattern's groups become `params`. */
export type Route = readonly [method: string, path: RegExp, handler: Handler]

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

/** Answers with a problem (RFC 9457). */
export function sendProblem(response: ServerResponse, status: number, title: string, detail?: string): void {
  const text = JSON.stringify({ title, status, detail })
  response.writeHead(status, { 'content-type': 'application/problem+json' })
  response.end(text)
}

/** The JSON body. Takes whatever comes. OWASP API4:2023: no limit on its size. */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>
}
