import type { InventoryReply } from './contract.ts'
import type { Route } from './route.ts'

/** How rows call the states of operations. */
const rowStates: ReadonlyMap<string, string> = new Map([
  ['seen', 'called'],
  ['deprecated-in-use', 'deprecated'],
])

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
      required: ['at', 'since', 'summary', 'items', 'operations', 'shadow'],
      properties: {
        at: { type: 'string', format: 'date-time' },
        since: { type: ['string', 'null'], format: 'date-time' },
        summary: { type: 'object', additionalProperties: { type: 'integer' } },
        items: { type: 'array', items: { type: 'object' } },
        operations: { type: 'array', items: { type: 'object' } },
        shadow: { type: 'array', items: { type: 'object' } },
      },
    },
    answer({ query }) {
      const api = query.get('api')
      const state = query.get('state')
      const all = read()
      const rowState = state === undefined ? undefined : (rowStates.get(String(state)) ?? state)
      return {
        status: 200,
        json: {
          ...all,
          items: all.items.filter(
            (one) =>
              (api === undefined || one.api === api) && (state === undefined || one.state === rowState),
          ),
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
