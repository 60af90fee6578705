import type { AuditEvent } from '../kernel/event.ts'
import type { EventStore } from '../kernel/ports.ts'
import type { AccountReply, BlockReply, FindingReply, PrincipalReply, TopOperation } from './contract.ts'
import type { RouteModule } from './route.ts'

export interface PrincipalSource {
  readonly events: EventStore
  findings(): readonly FindingReply[]
  blocks(): readonly BlockReply[]
  /** The account of a subject of the embedded server. */
  account(issuer: string | undefined, sub: string): Promise<AccountReply | undefined>
}

/** Events that are looked at, and of which so many are shown. */
const looked = 500
const shown = 50
const withinMs = 150

/** `GET principals/{id}` */
export function createPrincipalRoutes(source: PrincipalSource): RouteModule {
  return {
    routes: [
      {
        path: '/api/v1/principals/{id}',
        operationId: 'getPrincipal',
        summary: 'A caller: what it did lately, what was noticed about it, whether it is refused',
        reply: {
          type: 'object',
          required: ['issuer', 'sub', 'lastSeen', 'recent', 'events', 'findings', 'blocks', 'account'],
          properties: {
            issuer: { type: ['string', 'null'] },
            sub: { type: 'string' },
            lastSeen: { type: ['string', 'null'], format: 'date-time' },
            recent: { type: 'object' },
            events: { type: 'array', items: { $ref: '#/components/schemas/AuditEvent' } },
            findings: { type: 'array', items: { $ref: '#/components/schemas/Finding' } },
            blocks: { type: 'array', items: { $ref: '#/components/schemas/Block' } },
            account: { type: ['object', 'null'] },
          },
        },
        async answer({ id }) {
          const cut = id.indexOf('/')
          const issuer = cut > 0 ? id.slice(0, cut) : undefined
          const sub = cut > 0 ? id.slice(cut + 1) : id
          if (sub === '') return undefined
          const filter = issuer === undefined ? { sub } : { sub, issuer }
          const isIts = ({ kind, key }: FindingReply['subject']): boolean =>
            kind === 'principal' && (issuer === undefined ? key.endsWith(`/${sub}`) : key === id)
          const { events } = await source.events.query(filter, looked, undefined, withinMs)
          const findings = source.findings().filter(({ subject }) => isIts(subject))
          const blocks = source.blocks().filter(({ subject }) => isIts(subject))
          const account = await source.account(issuer, sub)
          if (events.length + findings.length + blocks.length === 0 && account === undefined) return undefined
          return {
            status: 200,
            json: {
              issuer: issuer ?? null,
              sub,
              lastSeen: timeOf(events[0]),
              recent: recentOf(events),
              events: events.slice(0, shown),
              findings,
              blocks,
              account: account ?? null,
            } satisfies PrincipalReply,
          }
        },
      },
    ],
  }
}

function recentOf(events: readonly AuditEvent[]): PrincipalReply['recent'] {
  const operations = new Map<string, { -readonly [name in keyof TopOperation]: TopOperation[name] }>()
  for (const { api, operation, code } of events) {
    if (operation === '') continue
    const key = `${api}\u0000${operation}`
    const tally = operations.get(key) ?? { api, operation, calls: 0, denied: 0 }
    tally.calls++
    if (code !== undefined) tally.denied++
    operations.set(key, tally)
  }
  const objects = events.flatMap((event) => event.objects.map(({ type, id }) => `${type}\u0000${id}`))
  return {
    calls: events.length,
    denied: events.filter(({ code }) => code !== undefined).length,
    since: timeOf(events.at(-1)),
    operations: [...operations.values()].sort((a, b) => b.calls - a.calls).slice(0, 20),
    addresses: [...new Set(events.map(({ address }) => address))].slice(0, 20),
    clients: [...new Set(events.flatMap(({ client }) => (client === undefined ? [] : [client])))].slice(
      0,
      20,
    ),
    objects: new Set(objects).size,
  }
}

function timeOf(event: AuditEvent | undefined): string | null {
  return event === undefined ? null : new Date(event.time).toISOString()
}
