import type { SeenType, Sighting } from '../../kernel/inventory.ts'

type Json = Readonly<Record<string, unknown>>

/** Schemes of `Authorization` and fields, as a contract names them. */
const schemes: Readonly<Record<string, string>> = {
  bearer: 'bearerAuth',
  dpop: 'bearerAuth',
  basic: 'basicAuth',
  'api-key': 'apiKey',
  apikey: 'apiKey',
  certificate: 'mutualTLS',
}

/**
 * A path item of OpenAPI for an operation that nobody declared, from the shapes of calls to it. What cannot be seen (bodies,
 * replies: the gateway let none through) is left to whoever knows.
 */
export function draftOperation(seen: Sighting, method: string, template: string): Json {
  const names = [...template.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? '')
  const used = seen.authentication.map(([kind]) => schemes[kind]).filter((name) => name !== undefined)
  const operation: Json = {
    summary: `Drafted from ${seen.calls} calls: complete it before it is declared`,
    parameters: [
      ...names.map((name) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string', maxLength: 64 },
      })),
      ...seen.parameters
        .filter(({ name }) => name !== '*')
        .map(({ name, type, calls }) => ({
          name,
          in: 'query',
          required: calls >= seen.calls && seen.calls > 1,
          schema: schemaOf(type),
        })),
    ],
    ...(seen.mediaTypes.length > 0 && {
      requestBody: {
        required: true,
        content: Object.fromEntries(seen.mediaTypes.map(([type]) => [type, { schema: {} }])),
      },
    }),
    responses: { default: { description: 'Not seen' } },
    ...(used.length > 0 && { security: [...new Set(used)].map((name) => ({ [name]: [] })) }),
  }
  return { [template]: { [method.toLowerCase()]: operation } }
}

function schemaOf(type: SeenType): Json {
  switch (type) {
    case 'integer':
    case 'number':
    case 'boolean':
    case 'array':
    case 'object':
      return { type }
    case 'uuid':
    case 'date':
    case 'date-time':
      return { type: 'string', format: type }
    default:
      return { type: 'string', maxLength: 256 }
  }
}
