import type { EventStore } from '../kernel/ports.ts'
import { openMetricsType } from '../stages/record/metrics/open-metrics.ts'
import type {
  BlockReply,
  BlocksReply,
  FindingReply,
  FindingsReply,
  HealthReply,
  InventoryReply,
  ReadinessReply,
} from './contract.ts'
import { text } from './event-filter.ts'
import { createEventRoutes } from './event-routes.ts'
import { eventSchema } from './event-schema.ts'
import { inventoryRoute } from './inventory-route.ts'
import type { Route } from './route.ts'

/** Where the admin API gets what it shows. */
export interface AdminSources {
  readonly metrics: {
    readonly contentType: string
    text(): Promise<string>
    /** With exemplars, for whoever asks for that format. */
    openMetrics(): Promise<string>
  }
  readonly events: EventStore
  /** Not ready: load balancers send calls elsewhere. Reasons hold no secret. */
  readiness(): ReadinessReply
  /** What `sallyport coverage --format json` prints. */
  coverage(): unknown
  /** Operations seen, declared, undeclared. */
  inventory(): InventoryReply
  /** What was noticed, newest first, and who is refused for it. */
  findings(): readonly FindingReply[]
  blocks(): readonly BlockReply[]
  /** Public keys that verify `Sallyport-Identity` (RFC 7517). */
  jwks(): unknown
}

/** The table of all routes, but the API's own description, which is made from it. */
export function createRoutes(sources: AdminSources): readonly Route[] {
  return [
    {
      path: '/healthz',
      operationId: 'health',
      summary: 'The process lives',
      open: true,
      reply: { type: 'object', required: ['status'], properties: { status: { const: 'ok' } } },
      answer: () => ({ status: 200, json: { status: 'ok' } satisfies HealthReply }),
    },
    {
      path: '/readyz',
      operationId: 'readiness',
      summary: 'The gateway takes calls',
      open: true,
      reply: {
        type: 'object',
        required: ['ready', 'reasons'],
        properties: { ready: { type: 'boolean' }, reasons: { type: 'array', items: { type: 'string' } } },
      },
      also: { 503: 'Not ready, with the reasons' },
      answer() {
        const readiness = sources.readiness()
        return { status: readiness.ready ? 200 : 503, json: readiness }
      },
    },
    {
      path: '/metrics',
      operationId: 'metrics',
      summary: 'Metrics in the Prometheus text format, or in that of OpenMetrics, as `Accept` says',
      reply: 'text/plain',
      answer: async ({ header }) =>
        /application\/openmetrics-text/i.test(header('accept') ?? '')
          ? { status: 200, text: await sources.metrics.openMetrics(), mediaType: openMetricsType }
          : { status: 200, text: await sources.metrics.text(), mediaType: sources.metrics.contentType },
    },
    ...createEventRoutes(sources),
    {
      path: '/api/v1/findings',
      operationId: 'listFindings',
      summary: 'What was noticed in the calls, newest first',
      query: [
        text('kind', 'Kind of finding.'),
        {
          name: 'state',
          description: 'What became of it.',
          schema: {
            type: 'string',
            maxLength: 16,
            enum: ['open', 'acknowledged', 'blocked', 'resolved'],
          },
        },
        {
          name: 'limit',
          description: 'Findings in the reply.',
          schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
        },
      ],
      reply: {
        type: 'object',
        required: ['findings'],
        properties: { findings: { type: 'array', items: { type: 'object' } } },
      },
      answer({ query }) {
        const kind = query.get('kind')
        const state = query.get('state')
        const findings = sources
          .findings()
          .filter(
            (finding) =>
              (kind === undefined || finding.kind === kind) &&
              (state === undefined || finding.state === state),
          )
        return {
          status: 200,
          json: { findings: findings.slice(0, Number(query.get('limit'))) } satisfies FindingsReply,
        }
      },
    },
    {
      path: '/api/v1/blocks',
      operationId: 'listBlocks',
      summary: 'Who is refused for a time because of a finding',
      reply: {
        type: 'object',
        required: ['blocks'],
        properties: { blocks: { type: 'array', items: { type: 'object' } } },
      },
      answer: () => ({ status: 200, json: { blocks: sources.blocks() } satisfies BlocksReply }),
    },
    {
      path: '/api/v1/coverage',
      operationId: 'coverage',
      summary: 'Operations and the controls that guard them',
      reply: {},
      answer: () => ({ status: 200, json: sources.coverage() }),
    },
    inventoryRoute(() => sources.inventory()),
    {
      path: '/.well-known/sallyport/jwks.json',
      operationId: 'jwks',
      summary: 'Public keys that verify Sallyport-Identity',
      reply: {
        type: 'object',
        required: ['keys'],
        properties: { keys: { type: 'array', items: { type: 'object' } } },
      },
      answer: () => ({ status: 200, json: sources.jwks() }),
    },
  ]
}

/** The schemas that replies refer to. */
export const schemas: Readonly<Record<string, unknown>> = { AuditEvent: eventSchema }
