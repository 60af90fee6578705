import { Readable } from 'node:stream'
import { flow } from '../gateway/flow.ts'
import { refuse } from '../gateway/refuse.ts'
import type { Incoming } from '../kernel/body.ts'
import type { Arrived, Progress } from '../kernel/facts.ts'
import { Fields } from '../kernel/fields.ts'
import type { ProblemCode } from '../kernel/problem.ts'
import { type Note, Trail } from '../kernel/trail.ts'
import { type Denial, deny, isDenied } from '../kernel/verdict.ts'
import { parseTarget } from '../stages/listen/target.ts'
import { compileGate } from './compile-gate.ts'
import type { Policy } from './policy/policy.ts'
import { createPassiveServices } from './services.ts'

/** A call as it is written on the command line. */
export interface ExplainedRequest {
  readonly method: string
  /** Path with query. */
  readonly target: string
  /** name, value pairs. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array | undefined
  /** Source address; 127.0.0.1 where absent. */
  readonly address?: string
}

/** What would happen to a call. */
export interface Explanation {
  /** `forward`: it would reach the upstream. */
  readonly outcome: 'forward' | 'refuse' | 'answer'
  readonly status: number | undefined
  readonly code: ProblemCode | undefined
  /** Why, for the operator. */
  readonly reason: string | undefined
  readonly api: string | undefined
  readonly operation: string | undefined
  readonly principal: { readonly issuer: string; readonly sub: string } | undefined
  /** What each check said, in order. */
  readonly notes: readonly Note[]
  /** The reply's body where the gate itself answers. */
  readonly reply: string | undefined
}

/** Runs the stages up to, and without, forward. Spends no budget of a running gateway. */
export async function explain(policy: Policy, request: ExplainedRequest): Promise<Explanation> {
  const services = await createPassiveServices(policy.loaded.config)
  const compiled = compileGate(policy, services)
  try {
    await compiled.identify.ready()
    const arrived = arrivedOf(request)
    if (isDenied(arrived)) return refusedBeforeRouting(arrived)
    let reached = arrived as Progress
    let denial = undefined as Denial | undefined
    let forwarded = false
    const reply = await flow(
      {
        ...compiled.gate,
        forward: {
          run: () => {
            forwarded = true
            return deny('GATEWAY_DRAINING', 'explain', 'not forwarded')
          },
        },
        conclude: (last, _reply, by) => {
          reached = last
          denial = by
          // An object would be read before the write; nothing is sent to tell.
          if (by?.check === 'explain') forwarded = true
        },
      },
      arrived,
    )
    const { notes } = arrived.trail
    const principal = 'principal' in reached ? reached.principal : undefined
    return {
      outcome: forwarded ? 'forward' : denial === undefined ? 'answer' : 'refuse',
      status: forwarded ? undefined : reply.status,
      code: forwarded ? undefined : denial?.code,
      reason: forwarded ? undefined : denial?.reason,
      api: 'operation' in reached ? reached.operation.api : undefined,
      operation: 'operation' in reached ? reached.operation.id : undefined,
      principal: principal === undefined ? undefined : { issuer: principal.issuer, sub: principal.sub },
      notes: notes.filter((note) => note.check !== 'explain'),
      reply:
        forwarded || !(reply.body instanceof Uint8Array)
          ? undefined
          : Buffer.from(reply.body).toString('utf8'),
    }
  } finally {
    await compiled.close()
    await services.close()
  }
}

function refusedBeforeRouting(denial: Denial): Explanation {
  const reply = refuse(denial, 'explain', false)
  return {
    outcome: 'refuse',
    status: reply.status,
    code: denial.code,
    reason: denial.reason,
    api: undefined,
    operation: undefined,
    principal: undefined,
    notes: [],
    reply: String(reply.body),
  }
}

function arrivedOf(request: ExplainedRequest): Arrived | Denial {
  const target = parseTarget(request.target)
  if (isDenied(target)) return target
  const fields = new Fields(request.headers.flatMap(([name, value]) => [name.toLowerCase(), value]))
  const address = request.address ?? '127.0.0.1'
  return {
    id: 'explain',
    time: Date.now(),
    channel: {
      listener: 'explain',
      secure: true,
      protocol: '1.1',
      serverName: undefined,
      certificate: undefined,
    },
    peer: address,
    client: address,
    method: request.method.toUpperCase(),
    path: target.path,
    query: target.query,
    pairs: target.pairs,
    authority: fields.get('host')?.toLowerCase() ?? 'localhost',
    traceId: '0'.repeat(32),
    fields,
    body: incomingOf(request.body),
    upgrade: undefined,
    signal: new AbortController().signal,
    trail: new Trail(),
  }
}

function incomingOf(bytes: Uint8Array | undefined): Incoming {
  const body = bytes ?? new Uint8Array()
  return {
    declared: bytes?.length,
    present: body.length > 0,
    read: (limit) =>
      Promise.resolve(
        body.length > limit ? deny('INSPECT_BODY_TOO_LARGE', 'inspect.size', 'body above the limit') : body,
      ),
    stream: () => Readable.from([body]),
  }
}
