import type { EventFilter, EventStore } from '../kernel/ports.ts'
import type {
  BlockReply,
  BlocksReply,
  EventsReply,
  FindingReply,
  FindingsReply,
  HealthReply,
  ReadinessReply,
} from './contract.ts'
import { eventSchema } from './event-schema.ts'
import type { QueryParameter, QueryValues, Route } from './route.ts'

/** Where the admin API gets what it shows. */
export interface AdminSources {
  readonly metrics: { readonly contentType: string; text(): Promise<string> }
  readonly events: EventStore
  /** Not ready: load balancers send calls elsewhere. Reasons hold no secret. */
  readiness(): ReadinessReply
  /** What `sallyport coverage --format json` prints. */
  coverage(): unknown
  /** What was noticed, newest first, and who is refused for it. */
  findings(): readonly FindingReply[]
  blocks(): readonly BlockReply[]
  /** Public keys that verify `Sallyport-Identity` (RFC 7517). */
  jwks(): unknown
}

/** Most events in one page. */
export const mostEvents = 500

const text = (name: string, description: string): QueryParameter => ({
  name,
  description,
  schema: { type: 'string', maxLength: 512 },
})

const eventQuery: readonly QueryParameter[] = [
  {
    name: 'since',
    description: 'Not before (RFC 3339).',
    schema: { type: 'string', format: 'date-time', maxLength: 40 },
  },
  {
    name: 'until',
    description: 'Not after (RFC 3339).',
    schema: { type: 'string', format: 'date-time', maxLength: 40 },
  },
  text('api', 'Name of the API.'),
  text('operation', 'Operation id.'),
  text('sub', 'Subject of the caller.'),
  text('issuer', 'Name of the issuer.'),
  text('address', "The caller's address."),
  text('code', 'Problem code.'),
  {
    name: 'status',
    description: 'Status the caller got.',
    schema: { type: 'integer', minimum: 100, maximum: 599 },
  },
  text('id', 'Request id.'),
  {
    name: 'outcome',
    description: 'Refused calls only, or only those that were not.',
    schema: { type: 'string', maxLength: 8, enum: ['denied', 'allowed'] },
  },
  {
    name: 'limit',
    description: 'Events in the page.',
    schema: { type: 'integer', minimum: 1, maximum: mostEvents, default: 50 },
  },
  { name: 'before', description: '`next` of the page before.', schema: { type: 'string', maxLength: 64 } },
]

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
      summary: 'Metrics in the Prometheus text format',
      reply: 'text/plain',
      answer: async () => ({
        status: 200,
        text: await sources.metrics.text(),
        mediaType: sources.metrics.contentType,
      }),
    },
    {
      path: '/api/v1/events',
      operationId: 'listEvents',
      summary: 'Audit events, newest first',
      query: eventQuery,
      reply: {
        type: 'object',
        required: ['events', 'next'],
        properties: {
          events: { type: 'array', items: { $ref: '#/components/schemas/AuditEvent' } },
          next: { type: ['string', 'null'] },
        },
      },
      async answer({ query }) {
        const page = await sources.events.query(filterOf(query), Number(query.get('limit')), beforeOf(query))
        return { status: 200, json: { events: page.events, next: page.next ?? null } satisfies EventsReply }
      },
    },
    {
      path: '/api/v1/findings',
      operationId: 'listFindings',
      summary: 'What was noticed in the patterns of calls since the start, newest first',
      query: [
        text('kind', 'Kind of finding.'),
        {
          name: 'limit',
          description: 'Findings in the reply.',
          schema: { type: 'integer', minimum: 1, maximum: mostEvents, default: 50 },
        },
      ],
      reply: {
        type: 'object',
        required: ['findings'],
        properties: { findings: { type: 'array', items: { type: 'object' } } },
      },
      answer({ query }) {
        const kind = query.get('kind')
        const findings = sources.findings().filter((finding) => kind === undefined || finding.kind === kind)
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
      path: '/api/v1/events/{id}',
      operationId: 'getEvent',
      summary: 'The newest audit event with this request id',
      reply: { $ref: '#/components/schemas/AuditEvent' },
      async answer({ id }) {
        const [event] = (await sources.events.query({ id }, 1)).events
        return event === undefined ? undefined : { status: 200, json: event }
      },
    },
    {
      path: '/api/v1/coverage',
      operationId: 'coverage',
      summary: 'Operations and the controls that guard them',
      reply: {},
      answer: () => ({ status: 200, json: sources.coverage() }),
    },
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

/** The filter's members and the query parameters have the same names; all were checked by the route's query. */
function filterOf(query: QueryValues): EventFilter {
  const filter: Record<string, string | number> = {}
  for (const [name, value] of query) if (name !== 'limit' && name !== 'before') filter[name] = value
  return filter as EventFilter
}

function beforeOf(query: QueryValues): string | undefined {
  const before = query.get('before')
  return before === undefined ? undefined : String(before)
}
