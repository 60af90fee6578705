import type { AboutReply, ApiReply, ContractReply } from './contract.ts'
import type { RouteModule } from './route.ts'

/** What the APIs are, and what the gateway is. */
export interface ApisSource {
  apis(): readonly ApiReply[]
  contract(name: string): ContractReply | undefined
  about(): Promise<AboutReply>
}

/** `GET apis`, `GET apis/{name}/contract`, `GET about` */
export function createApiRoutes(source: ApisSource): RouteModule {
  return {
    routes: [
      {
        path: '/api/v1/apis',
        operationId: 'listApis',
        summary: 'APIs with their operations, and the control behind each cell with its rule and place',
        reply: {
          type: 'object',
          required: ['items'],
          properties: { items: { type: 'array', items: { type: 'object' } } },
        },
        answer: () => ({ status: 200, json: { items: source.apis() } }),
      },
      {
        path: '/api/v1/apis/{name}/contract',
        operationId: 'getContract',
        summary: 'The OpenAPI document of one API, as it is compiled',
        reply: { type: 'object', required: ['name', 'file', 'document'] },
        answer({ id }) {
          const contract = source.contract(id)
          return contract && { status: 200, json: contract }
        },
      },
      {
        path: '/api/v1/about',
        operationId: 'about',
        summary: 'Version, runtime and dependencies with their licences',
        reply: { type: 'object', required: ['version', 'node', 'startedAt', 'dependencies'] },
        answer: async () => ({ status: 200, json: await source.about() }),
      },
    ],
  }
}
