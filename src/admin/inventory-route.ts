import type { InventoryReply } from './contract.ts'
import type { Route } from './route.ts'

/** `GET /api/v1/inventory` */
export function inventoryRoute(read: () => InventoryReply): Route {
  return {
    path: '/api/v1/inventory',
    operationId: 'inventory',
    summary: 'Operations seen, declared, never called, deprecated and used, undeclared: shapes, no values',
    query: [
      { name: 'api', description: 'Name of the API.', schema: { type: 'string', maxLength: 64 } },
      {
        name: 'state',
        description: 'Only operations in this state; `shadow`: undeclared ones.',
        schema: {
          type: 'string',
          maxLength: 20,
          enum: ['never-called', 'seen', 'deprecated-in-use', 'shadow'],
        },
      },
    ],
    reply: {
      type: 'object',
      required: ['at', 'since', 'summary', 'operations', 'shadow'],
      properties: {
        at: { type: 'string', format: 'date-time' },
        since: { type: ['string', 'null'], format: 'date-time' },
        summary: { type: 'object', additionalProperties: { type: 'integer' } },
        operations: { type: 'array', items: { type: 'object' } },
        shadow: { type: 'array', items: { type: 'object' } },
      },
    },
    answer({ query }) {
      const api = query.get('api')
      const state = query.get('state')
      const all = read()
      return {
        status: 200,
        json: {
          ...all,
          operations: all.operations.filter(
            (one) => (api === undefined || one.api === api) && (state === undefined || one.state === state),
          ),
          shadow: all.shadow.filter(
            (one) => (api === undefined || one.api === api) && (state === undefined || state === 'shadow'),
          ),
        } satisfies InventoryReply,
      }
    },
  }
}
