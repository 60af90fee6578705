import { Readable } from 'node:stream'
import type { Inspected } from '../../src/kernel/facts.ts'
import { Fields } from '../../src/kernel/fields.ts'
import { emptyGrant } from '../../src/kernel/grant.ts'
import type { Operation } from '../../src/kernel/operation.ts'
import { anonymous } from '../../src/kernel/principal.ts'
import { undeclaredHead } from '../../src/kernel/text-plan.ts'
import { Trail } from '../../src/kernel/trail.ts'

const operation: Operation = {
  slot: 0,
  api: 'travel',
  id: 'getThing',
  method: 'GET',
  template: '/things',
  tags: [],
  deprecated: false,
  parameters: [],
  security: [],
  securityDeclared: true,
  input: { head: () => [], body: undefined, texts: undeclaredHead },
  output: { find: () => undefined, declares: () => false, successes: [] },
  extension: undefined,
  place: { file: 'travel.openapi.yaml' },
}

/** A judged call as the forward stage gets it, made without the stages before it. */
export function createCall(given: Partial<Inspected> = {}): Inspected {
  return {
    id: 'request-1',
    time: 0,
    channel: {
      listener: '127.0.0.1:0',
      secure: true,
      protocol: '1.1',
      serverName: undefined,
      certificate: undefined,
    },
    peer: '192.0.2.7',
    client: '192.0.2.7',
    method: 'GET',
    path: '/things',
    query: '',
    pairs: [],
    authority: 'api.travel.example',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    fields: new Fields(['accept', 'application/json']),
    body: {
      declared: undefined,
      present: false,
      read: () => Promise.resolve(new Uint8Array()),
      stream: () => Readable.from([]),
    },
    upgrade: undefined,
    signal: new AbortController().signal,
    trail: new Trail(),
    operation,
    params: {},
    principal: anonymous,
    grant: emptyGrant,
    settle: () => {},
    limitFields: [],
    input: { value: undefined, body: undefined, mediaType: undefined },
    ...given,
  }
}
