import type { ProblemReply } from '../../../src/admin/contract.ts'

/** A refusal of the admin API, or a gateway that does not answer (`status` 0). */
export class Refused extends Error {
  readonly status: number
  readonly problem: ProblemReply | undefined

  constructor(status: number, problem: ProblemReply | undefined, message: string) {
    super(message)
    this.name = 'Refused'
    this.status = status
    this.problem = problem
  }
}

let csrf: string | undefined

/** What every change must carry; known once the session is. */
export function rememberCsrf(value: string | undefined): void {
  csrf = value
}

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly json?: unknown
  /** The version that a change was made from. */
  readonly ifMatch?: string
  readonly signal?: AbortSignal
}

/** Asks the admin API. Throws {@link Refused}; a reply without a body is undefined. */
export async function ask<T>(path: string, asked: Asked = {}): Promise<T> {
  const method = asked.method ?? 'GET'
  const headers = new Headers({ Accept: 'application/json' })
  if (method !== 'GET' && csrf !== undefined) headers.set('X-CSRF', csrf)
  if (asked.json !== undefined) headers.set('Content-Type', 'application/json')
  if (asked.ifMatch !== undefined) headers.set('If-Match', asked.ifMatch)
  const response = await fetch(`/api/v1/${path}`, {
    method,
    headers,
    ...(asked.json === undefined ? {} : { body: JSON.stringify(asked.json) }),
    ...(asked.signal === undefined ? {} : { signal: asked.signal }),
    credentials: 'same-origin',
    cache: 'no-store',
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Refused(0, undefined, 'The gateway does not answer.')
  })
  const text = await response.text()
  const json = parse(text)
  if (!response.ok) {
    const problem = json as ProblemReply | undefined
    throw new Refused(response.status, problem, problem?.title ?? `Status ${response.status}`)
  }
  return json as T
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `?a=b` of what is set. */
export function search(values: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== '') search.set(name, String(value))
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}
