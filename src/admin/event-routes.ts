import type { EventStore } from '../kernel/ports.ts'
import type { EventReply, EventsReply, FindingReply } from './contract.ts'
import { checksOf, whyRefused } from './describe-event.ts'
import { eventQuery, filterOf } from './event-filter.ts'
import type { Route } from './route.ts'

/** Most events in one page. */
const mostEvents = 500
/** How long one page is looked for; what is rare then takes several. */
const pageMs = 120

/** Audit events, and one of them. */
export function createEventRoutes(sources: {
  readonly events: EventStore
  findings(): readonly FindingReply[]
}): readonly Route[] {
  return [
    {
      path: '/api/v1/events',
      operationId: 'listEvents',
      summary: 'Audit events, newest first; a page may be short while there is a next one',
      query: [
        ...eventQuery,
        {
          name: 'limit',
          description: 'Events in the page.',
          schema: { type: 'integer', minimum: 1, maximum: mostEvents, default: 50 },
        },
        {
          name: 'before',
          description: '`next` of the page before.',
          schema: { type: 'string', maxLength: 64 },
        },
      ],
      reply: {
        type: 'object',
        required: ['events', 'next'],
        properties: {
          events: { type: 'array', items: { $ref: '#/components/schemas/AuditEvent' } },
          next: { type: ['string', 'null'] },
        },
      },
      async answer({ query }) {
        const before = query.get('before')
        const page = await sources.events.query(
          filterOf(query),
          Number(query.get('limit')),
          before === undefined ? undefined : String(before),
          pageMs,
        )
        return { status: 200, json: { events: page.events, next: page.next ?? null } satisfies EventsReply }
      },
    },
    {
      path: '/api/v1/events/{id}',
      operationId: 'getEvent',
      summary: 'The newest audit event with this request id, and what every check said',
      reply: {
        allOf: [
          { $ref: '#/components/schemas/AuditEvent' },
          {
            type: 'object',
            required: ['checks', 'why', 'findings'],
            properties: {
              checks: { type: 'array', items: { type: 'object' } },
              why: { type: ['string', 'null'] },
              findings: { type: 'array', items: { type: 'string' } },
            },
          },
        ],
      },
      async answer({ id }) {
        const [event] = (await sources.events.query({ id }, 1)).events
        if (event === undefined) return undefined
        const findings = sources.findings().filter((finding) => finding.events.includes(id))
        return {
          status: 200,
          json: {
            ...event,
            checks: checksOf(event),
            why: whyRefused(event),
            findings: findings.map((finding) => finding.id),
          } satisfies EventReply,
        }
      },
    },
  ]
}
