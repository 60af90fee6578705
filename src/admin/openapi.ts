import { adminProblems } from './problem.ts'
import { methodOf, type Route, roleNeeded } from './route.ts'

/** The OpenAPI 3.1 document of the routes. */
export function openApiOf(
  routes: readonly Route[],
  schemas: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return {
    openapi: '3.1.0',
    info: { title: 'Sallyport admin API', version: '1' },
    paths: pathsOf(routes),
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
            members: {
              type: 'array',
              items: {
                type: 'object',
                properties: { pointer: { type: 'string' }, code: { type: 'string' } },
              },
            },
            signIn: { type: 'object' },
          },
        },
      },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'sallyport-session',
          description: 'Of `POST /api/v1/session`. All but GET also needs `X-CSRF`.',
        },
      },
    },
  }
}

function pathsOf(routes: readonly Route[]): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [methodOf(route).toLowerCase()]: operationOf(route) }
  return paths
}

function operationOf(route: Route): Readonly<Record<string, unknown>> {
  const parameters: unknown[] = (route.query ?? []).map(({ name, description, schema }) => ({
    name,
    in: 'query',
    description,
    schema,
  }))
  const variable = /\{(\w+)\}/.exec(route.path)?.[1]
  if (variable !== undefined)
    parameters.push({ name: variable, in: 'path', required: true, schema: { type: 'string' } })
  const free = route.open === true || route.entrance === true
  return {
    operationId: route.operationId,
    summary: route.summary,
    // No credential is needed where loopback alone has a role.
    security: free ? [] : [{ token: [] }, { session: [] }, {}],
    ...(free ? {} : { 'x-role': roleNeeded(route) }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: route.bodyOptional !== true,
            content: { 'application/json': { schema: route.body } },
          },
        }),
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
