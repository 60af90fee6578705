import type { Gate } from '../../src/gateway/gate.ts'
import type { Incoming } from '../../src/kernel/body.ts'
import type { Answer, Arrived, Reply } from '../../src/kernel/facts.ts'
import { Fields } from '../../src/kernel/fields.ts'
import { emptyGrant } from '../../src/kernel/grant.ts'
import type { InputContract, Operation, OutputContract } from '../../src/kernel/operation.ts'
import { anonymous } from '../../src/kernel/principal.ts'
import { undeclaredHead } from '../../src/kernel/text-plan.ts'
import { Trail } from '../../src/kernel/trail.ts'

const noBody: Incoming = {
  declared: undefined,
  present: false,
  read: () => Promise.resolve(new Uint8Array()),
  stream: () => {
    throw new Error('no body')
  },
}

/** A well-formed call; `over` replaces members. */
export function arrivedCall(over: Partial<Arrived> = {}): Arrived {
  return {
    id: 'r-1',
    time: 1_700_000_000_000,
    channel: {
      listener: '127.0.0.1:0',
      secure: false,
      protocol: '1.1',
      serverName: undefined,
      certificate: undefined,
    },
    peer: '127.0.0.1',
    client: '127.0.0.1',
    method: 'GET',
    path: '/things',
    query: '',
    pairs: [],
    authority: 'localhost',
    traceId: `${'0'.repeat(31)}1`,
    fields: new Fields([]),
    body: noBody,
    upgrade: undefined,
    signal: new AbortController().signal,
    trail: new Trail(),
    ...over,
  }
}

const input: InputContract = { head: () => [], body: undefined, texts: undeclaredHead }
const output: OutputContract = { find: () => undefined, declares: () => true, successes: [] }

/** An operation without parameters, body or security. */
export function plainOperation(over: Partial<Operation> = {}): Operation {
  return {
    slot: 0,
    api: 'travel',
    id: 'listThings',
    method: 'GET',
    template: '/things',
    tags: [],
    deprecated: false,
    parameters: [],
    security: [],
    securityDeclared: true,
    input,
    output,
    extension: undefined,
    place: { file: 'travel.yaml' },
    ...over,
  }
}

const answer: Answer = {
  status: 200,
  fields: new Fields([]),
  body: Buffer.from('{}'),
  wait: 1,
  tunnel: undefined,
}
const reply: Reply = { status: 200, fields: [], body: Buffer.from('{}') }

/** A gate whose stages all pass; `over` replaces stages. */
export function openGate(over: Partial<Gate> = {}): Gate {
  return {
    own: () => undefined,
    match: (arrived) => ({ ...arrived, operation: plainOperation(), params: {} }),
    origin: () => undefined,
    identify: { run: () => anonymous },
    authorize: { run: () => emptyGrant, runInput: (inspected) => inspected.grant },
    limit: {
      run: () => ({ settle: () => {}, limitFields: [] }),
      runInput: ({ settle, limitFields }) => ({ settle, limitFields }),
    },
    inspect: {
      run: () => ({ value: undefined, body: undefined, mediaType: undefined }),
      runGrant: ({ input }) => input,
    },
    forward: { run: () => answer },
    screen: { run: () => reply },
    share: (_arrived, given) => given,
    conclude: () => {},
    ...over,
  }
}
