import { type Denial, deny } from '../../kernel/verdict.ts'

/** Methods an operation can have (OpenAPI 3.2); compared as written, never case-folded (RFC 9110 §9.1). */
const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])
const allow: readonly string[] = ['Allow', [...known].join(', ')]

/** Undefined for a method that may pass; `MATCH_METHOD` for CONNECT and TRACE, `LISTEN_METHOD_UNKNOWN` for what no operation can have. */
export function refuseMethod(method: string): Denial | undefined {
  if (known.has(method)) return undefined
  if (method === 'CONNECT' || method === 'TRACE')
    return deny('MATCH_METHOD', 'listen.method', `${method} is never served`, { fields: allow })
  return deny('LISTEN_METHOD_UNKNOWN', 'listen.method', 'method not implemented')
}
