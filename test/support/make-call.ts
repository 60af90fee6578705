import type { Channel, Identified, Input, Inspected, QueryPair } from '../../src/kernel/facts.ts'
import { Fields, noFields } from '../../src/kernel/fields.ts'
import { emptyGrant, type Grant } from '../../src/kernel/grant.ts'
import type { BodyContract, Operation, Parameter } from '../../src/kernel/operation.ts'
import { anonymous, type Principal } from '../../src/kernel/principal.ts'
import { undeclaredHead } from '../../src/kernel/text-plan.ts'
import { Trail } from '../../src/kernel/trail.ts'

const place = { file: 'contract.yaml', line: 1, column: 1 }
const body: BodyContract = { required: true, find: () => undefined }

/** An operation as the contract compiler makes it; path parameters come from the template. */
export function makeOperation(
  slot: number,
  line: `${string} /${string}`,
  more: Partial<Operation> & { readonly query?: readonly string[]; readonly hasBody?: boolean } = {},
): Operation {
  const [method = '', template = ''] = line.split(' ')
  const parameter = (where: Parameter['in'], name: string): Parameter => ({
    in: where,
    name,
    required: where === 'path',
    schema: undefined,
    place,
  })
  const { query = [], hasBody = false, ...given } = more
  return {
    slot,
    api: 'travel',
    id: line,
    method,
    template,
    tags: [],
    deprecated: false,
    parameters: [
      ...[...template.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => parameter('path', name)),
      ...query.map((name) => parameter('query', name)),
    ],
    security: [[{ scheme: 'bearerAuth', scopes: [] }]],
    securityDeclared: true,
    input: { head: () => [], body: hasBody ? body : undefined, texts: undeclaredHead },
    output: { find: () => undefined, declares: () => true, successes: [] },
    extension: undefined,
    place,
    ...given,
  }
}

export function makePrincipal(sub: string, more: Partial<Principal> = {}): Principal {
  return {
    ...anonymous,
    issuer: 'travel',
    sub,
    client: 'app',
    claims: Object.assign(Object.create(null) as Record<string, unknown>, { sub }),
    kind: 'jwt',
    credential: 'c0ffee',
    ...more,
  }
}

const channel: Channel = {
  listener: '127.0.0.1:8080',
  secure: true,
  protocol: '1.1',
  serverName: undefined,
  certificate: undefined,
}

export interface CallParts {
  readonly principal?: Principal
  readonly params?: Readonly<Record<string, string>>
  readonly pairs?: readonly QueryPair[]
  readonly fields?: readonly string[]
  readonly client?: string
  readonly channel?: Partial<Channel>
}

/** A call that identify has let through. */
export function makeCall(operation: Operation, parts: CallParts = {}): Identified {
  return {
    id: 'r1',
    time: Date.UTC(2026, 10, 24),
    channel: { ...channel, ...parts.channel },
    peer: '192.0.2.1',
    client: parts.client ?? '192.0.2.1',
    method: operation.method,
    path: operation.template,
    query: '',
    pairs: parts.pairs ?? [],
    authority: 'api.travel.example',
    traceId: '0123456789abcdef0123456789abcdef',
    fields: parts.fields === undefined ? noFields : new Fields(parts.fields),
    body: {
      declared: undefined,
      present: false,
      read: () => Promise.resolve(new Uint8Array()),
      stream: () => {
        throw new Error('no body')
      },
    },
    upgrade: undefined,
    signal: new AbortController().signal,
    trail: new Trail(),
    operation,
    params: Object.assign(Object.create(null) as Record<string, string>, parts.params),
    principal: parts.principal ?? makePrincipal('123'),
  }
}

/** The same call after inspect, with a parsed body. */
export function makeInspected(call: Identified, value: unknown, grant: Grant = emptyGrant): Inspected {
  const input: Input = { value, body: undefined, mediaType: 'application/json' }
  return { ...call, grant, settle: () => {}, limitFields: [], input }
}
