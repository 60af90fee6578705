import { isIP, SocketAddress } from 'node:net'
import Type, { type Static } from 'typebox'
import type { BlockReply, BlockRequest, DoneReply, FindingReply, RespondRequest } from './contract.ts'
import type { Question, RouteModule } from './route.ts'
import type { Visitor } from './visitor.ts'

/** What can be done about findings. */
export interface FindingsSource {
  findings(): readonly FindingReply[]
  blocks(): readonly BlockReply[]
  /** Does it; false where that is not possible as things are. */
  respond(finding: FindingReply, request: RespondRequest, by: Visitor): Promise<boolean>
  block(subject: BlockReply['subject'], minutes: number, reason: string, by: Visitor): Promise<BlockReply>
  /** False where there is no such block. */
  release(id: string, by: Visitor): Promise<boolean>
}

const minutes = Type.Integer({ minimum: 1, maximum: 525_600 })
const reason = Type.String({ maxLength: 500 })
const respondBody = Type.Object(
  {
    action: Type.Enum(['acknowledge', 'block', 'release', 'revoke', 'step-up'] as RespondRequest['action'][]),
    minutes: Type.Optional(minutes),
    reason,
  },
  { additionalProperties: false },
)
const blockBody = Type.Object(
  {
    kind: Type.Enum(['subject', 'address', 'credential'] as BlockRequest['kind'][]),
    value: Type.String({ minLength: 1, maxLength: 1_024 }),
    minutes,
    reason,
  },
  { additionalProperties: false },
)
const whyBody = Type.Object({ reason: Type.Optional(reason) }, { additionalProperties: false })
const findingReply = { $ref: '#/components/schemas/Finding' }
const blockReply = { $ref: '#/components/schemas/Block' }

/** One finding, what to do about it, and blocks by hand. */
export function createFindingRoutes(source: FindingsSource): RouteModule {
  const find = (id: string): FindingReply | undefined => source.findings().find((one) => one.id === id)
  return {
    schemas: { Finding: findingSchema, Block: blockSchema },
    routes: [
      {
        path: '/api/v1/findings/{id}',
        operationId: 'getFinding',
        summary: 'One finding, its evidence, and what was done about it',
        reply: findingReply,
        answer({ id }) {
          const finding = find(id)
          return finding && { status: 200, json: finding }
        },
      },
      {
        method: 'POST',
        path: '/api/v1/findings/{id}/respond',
        operationId: 'respondToFinding',
        summary: 'Acknowledges a finding, blocks or releases its subject, revokes, asks for a new sign-in',
        role: 'operator',
        body: respondBody,
        reply: findingReply,
        also: { 409: 'Not possible for this finding, or not now' },
        async answer({ id, body, visitor }) {
          const request = body as Static<typeof respondBody>
          const finding = find(id)
          if (finding === undefined || visitor === undefined) return undefined
          if (!finding.actions.includes(request.action)) return { refused: 'ADMIN_CONFLICT' }
          if (!(await source.respond(finding, request, visitor))) return { refused: 'ADMIN_CONFLICT' }
          return { status: 200, json: find(id) ?? finding }
        },
      },
      {
        method: 'POST',
        path: '/api/v1/blocks',
        operationId: 'block',
        summary: 'Refuses a caller, an address or a credential for a time (429 `LIMIT_LOCKED`)',
        role: 'operator',
        body: blockBody,
        reply: blockReply,
        target: ({ body }) => {
          const { kind, value } = body as BlockRequest
          return { type: kind, id: value }
        },
        async answer({ body, visitor }) {
          const request = body as BlockRequest
          const subject = subjectOf(request)
          if (subject === undefined)
            return { refused: 'ADMIN_INPUT', members: [{ pointer: '/value', code: 'format' }] }
          if (visitor === undefined) return undefined
          return {
            status: 200,
            json: await source.block(subject, request.minutes, request.reason, visitor),
          }
        },
      },
      {
        method: 'DELETE',
        path: '/api/v1/blocks/{id}',
        operationId: 'unblock',
        summary: 'Lets somebody in again before the time',
        role: 'operator',
        body: whyBody,
        bodyOptional: true,
        reply: { type: 'object', required: ['done'], properties: { done: { type: 'string' } } },
        target({ id }) {
          const block = source.blocks().find((one) => one.id === id)
          return block === undefined
            ? { type: 'block', id }
            : { type: block.subject.kind, id: block.subject.key }
        },
        async answer({ id, visitor }: Question) {
          if (visitor === undefined || !(await source.release(id, visitor))) return undefined
          return { status: 200, json: { done: 'released' } satisfies DoneReply }
        },
      },
    ],
  }
}

/** As calls have it: addresses in their canonical form, callers as `ISSUER/SUBJECT`. */
function subjectOf({ kind, value }: BlockRequest): BlockReply['subject'] | undefined {
  switch (kind) {
    case 'subject':
      return /^[^/]+\/./s.test(value) ? { kind: 'principal', key: value } : undefined
    case 'address': {
      const family = isIP(value)
      if (family === 0 || value.includes('%')) return undefined
      const { address } = new SocketAddress({ address: value, family: family === 6 ? 'ipv6' : 'ipv4' })
      return { kind: 'address', key: address }
    }
    case 'credential':
      return /^[0-9A-Za-z_-]{8,128}$/.test(value) ? { kind: 'credential', key: value } : undefined
  }
}

const subject = {
  type: 'object',
  required: ['kind', 'key'],
  properties: { kind: { type: 'string' }, key: { type: 'string' } },
}

const findingSchema = {
  type: 'object',
  required: ['id', 'time', 'kind', 'subject', 'score', 'summary', 'evidence', 'events', 'state', 'actions'],
  properties: {
    id: { type: 'string' },
    time: { type: 'integer', description: 'Milliseconds since the epoch.' },
    kind: { type: 'string' },
    subject,
    score: { type: 'number', minimum: 0, maximum: 1 },
    summary: { type: 'string' },
    evidence: { type: 'object', additionalProperties: { type: ['number', 'string'] } },
    events: { type: 'array', items: { type: 'string' }, description: 'Request ids.' },
    state: { enum: ['open', 'acknowledged', 'blocked', 'resolved'] },
    responses: { type: 'array', items: { type: 'object' } },
    actions: { type: 'array', items: { type: 'string' } },
  },
}

const blockSchema = {
  type: 'object',
  required: ['id', 'subject', 'kind', 'until', 'by', 'reason'],
  properties: {
    id: { type: 'string' },
    subject,
    kind: { type: 'string', description: 'Kind of the finding, or `by-hand`.' },
    until: { type: 'integer', description: 'Milliseconds since the epoch.' },
    by: { type: 'string' },
    reason: { type: 'string' },
  },
}
