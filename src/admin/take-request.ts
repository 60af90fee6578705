import type { IncomingMessage } from 'node:http'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { hasBody, readBody } from './read-body.ts'
import type { Refusal } from './replies.ts'
import { parseQuery, type QueryValues, type Route } from './route.ts'

/** Query and body of a request, as its route declares them. */
export type Taken = { readonly query: QueryValues; readonly body: unknown } | Refusal

const usualBody = 65_536

/** Compiles the schemas of bodies at start. */
export function createTaker(
  routes: readonly Route[],
): (request: IncomingMessage, route: Route, search: string) => Promise<Taken> {
  const ajv = new Ajv2020({
    allErrors: false,
    strict: true,
    strictTypes: false,
    // As with the configuration: a test looks at the schemas, and what runs rarely is not made faster first.
    meta: false,
    validateSchema: false,
    code: { optimize: false },
  })
  const bodies = new Map<Route, ValidateFunction>()
  for (const route of routes) if (route.body !== undefined) bodies.set(route, ajv.compile(route.body))

  return async (request, route, search) => {
    const query = parseQuery(route.query ?? [], new URLSearchParams(search))
    const check = bodies.get(route)
    if (check === undefined) {
      if (hasBody(request)) return { refused: 'ADMIN_BODY' }
      return 'errors' in query
        ? { refused: 'ADMIN_QUERY', ...query }
        : { query: query.values, body: undefined }
    }
    if ('errors' in query) return { refused: 'ADMIN_QUERY', ...query }
    if (!hasBody(request) && route.bodyOptional === true) return { query: query.values, body: undefined }
    // A form of another site can send no JSON.
    if (!/^application\/json *(;|$)/i.test(request.headers['content-type'] ?? ''))
      return { refused: 'ADMIN_MEDIA' }
    const text = await readBody(request, route.maxBody ?? usualBody)
    if (text === undefined) return { refused: 'ADMIN_BODY' }
    const body = parseJson(text)
    if (check(body)) return { query: query.values, body }
    const members = (check.errors ?? []).map(({ instancePath, keyword }) => ({
      pointer: instancePath.slice(0, 200),
      code: keyword,
    }))
    return { refused: 'ADMIN_INPUT', members }
  }
}

/** Undefined, which no schema allows, for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
