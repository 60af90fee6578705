import type { OverviewReply, OverviewWindow } from '../contract.ts'
import type { RouteModule } from '../route.ts'

/** `GET overview`. */
export function createOverviewRoutes(overview: (window: OverviewWindow) => OverviewReply): RouteModule {
  return {
    routes: [
      {
        path: '/api/v1/overview',
        operationId: 'overview',
        summary: 'Calls by verdict, refusals by stage, latency, top callers, findings and posture',
        query: [
          {
            name: 'window',
            description: 'How far back; 15 minutes unless written.',
            schema: { type: 'string', maxLength: 3, enum: ['15m', '1h', '24h'] },
          },
        ],
        reply: {
          type: 'object',
          required: [
            'at',
            'windowSeconds',
            'buckets',
            'refusalsByStage',
            'latency',
            'posture',
            'openFindings',
          ],
          properties: {
            at: { type: 'string', format: 'date-time' },
            windowSeconds: { type: 'integer' },
            bucketSeconds: { type: 'integer' },
            buckets: { type: 'array', items: { type: 'object' } },
            refusalsByStage: { type: 'array', items: { type: 'object' } },
            latency: { type: 'object' },
            topCallers: { type: 'array', items: { type: 'object' } },
            topOperations: { type: 'array', items: { type: 'object' } },
            openFindings: { type: 'integer' },
            posture: { type: 'object' },
            partial: { type: 'boolean' },
          },
        },
        answer: ({ query }) => ({
          status: 200,
          json: overview((query.get('window') as OverviewWindow | undefined) ?? '15m'),
        }),
      },
    ],
  }
}
