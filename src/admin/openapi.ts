import { adminProblems } from './problem.ts'
import type { Route } from './route.ts'

/** The OpenAPI 3.1 document of the routes. */
export function openApiOf(
  routes: readonly Route[],
  schemas: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return {
    openapi: '3.1.0',
    info: { title: 'Sallyport admin API', version: '1' },
    paths: Object.fromEntries(routes.map((route) => [route.path, { get: operationOf(route) }])),
    components: {
      schemas: {
        ...schemas,
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'code', 'instance'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            code: { enum: Object.keys(adminProblems) },
            instance: { type: 'string' },
            errors: {
              type: 'array',
              items: {
                type: 'object',
                properties: { parameter: { type: 'string' }, code: { type: 'string' } },
              },
            },
          },
        },
      },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function operationOf(route: Route): Readonly<Record<string, unknown>> {
  const parameters: unknown[] = (route.query ?? []).map(({ name, description, schema }) => ({
    name,
    in: 'query',
    description,
    schema,
  }))
  if (route.path.endsWith('/{id}'))
    parameters.push({ name: 'id', in: 'path', required: true, schema: { type: 'string' } })
  return {
    operationId: route.operationId,
    summary: route.summary,
    // A token is needed only where one is configured: on loopback the API may be open.
    security: route.open === true ? [] : [{ token: [] }, {}],
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: {
      200: { description: 'Done', content: contentOf(route) },
      ...Object.fromEntries(
        Object.entries(route.also ?? {}).map(([status, description]) => [status, { description }]),
      ),
      default: {
        description: 'Refused',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function contentOf({ reply }: Route): Readonly<Record<string, unknown>> {
  return typeof reply === 'string'
    ? { [reply]: { schema: { type: 'string' } } }
    : { 'application/json': { schema: reply } }
}
