import { stringify } from 'yaml'
import type { ImportedApi, ImportedRoute } from './imported.ts'
import { parametersOf, tidy } from './path-template.ts'

/** A route with the name that its operation gets. */
export interface NamedRoute extends ImportedRoute {
  readonly id: string
}

/** Routes, each once by method and shape of path; what comes first in the other configuration wins. */
export function nameRoutes(routes: readonly ImportedRoute[], basePath: string): readonly NamedRoute[] {
  const shapes = new Map<string, string>()
  const seen = new Set<string>()
  const ids = new Set<string>()
  return routes.flatMap((route) => {
    const mine = tidy(route.template)
    const shape = mine.replaceAll(/\{[^}]*\}/g, '{}')
    const template = shapes.get(shape) ?? mine
    shapes.set(shape, template)
    const key = `${route.method} ${shape}`
    if (seen.has(key)) return []
    seen.add(key)
    let id = idOf(route.method, basePath + template)
    for (let n = 2; ids.has(id); n++) id = `${idOf(route.method, basePath + template)}${n}`
    ids.add(id)
    return [{ ...route, template, id }]
  })
}

/** An OpenAPI document with the operations of the routes and nothing else known about them. */
export function contractSkeleton(
  api: ImportedApi,
  routes: readonly NamedRoute[],
  keyHeader: string | undefined,
): string {
  const paths: Record<string, Record<string, unknown>> = {}
  const schemes: Record<string, unknown> = {}
  for (const route of routes) {
    const item = paths[route.template] ?? {}
    paths[route.template] = item
    item[route.method.toLowerCase()] = operationOf(route)
    if (route.authentication.kind === 'token')
      schemes['bearerAuth'] = { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }
    if (route.authentication.kind === 'key')
      schemes['apiKey'] = { type: 'apiKey', in: 'header', name: keyHeader ?? 'X-API-Key' }
  }
  const document = {
    openapi: '3.1.1',
    info: {
      title: api.name,
      version: '0.1.0',
      description:
        'A skeleton: parameters, bodies and replies are to be described. What is not declared is refused.',
    },
    ...(Object.keys(schemes).length === 0 ? {} : { components: { securitySchemes: schemes } }),
    paths,
  }
  return stringify(document, { lineWidth: 0 })
}

function operationOf(route: NamedRoute): Record<string, unknown> {
  const parameters = [
    ...parametersOf(route.template).map((name) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string', maxLength: 200 },
    })),
    ...route.query.map((name) => ({ name, in: 'query', schema: { type: 'string', maxLength: 1000 } })),
  ]
  const body = /^(?:POST|PUT|PATCH)$/.test(route.method)
    ? { requestBody: { content: { 'application/json': { schema: route.body ?? {} } } } }
    : {}
  return {
    operationId: route.id,
    ...securityOf(route),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...body,
    responses: {
      default: {
        description: 'Whatever the upstream replies',
        content: { 'application/json': {}, 'text/*': {} },
      },
    },
  }
}

function securityOf({ authentication }: NamedRoute): Record<string, unknown> {
  if (authentication.kind === 'token') return { security: [{ bearerAuth: [...authentication.scopes] }] }
  return authentication.kind === 'key' ? { security: [{ apiKey: [] }] } : {}
}

/** `GET /users/{id}/orders` → `getUsersIdOrders`. */
function idOf(method: string, template: string): string {
  const words = template.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}
