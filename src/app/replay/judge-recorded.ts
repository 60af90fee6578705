import { flow } from '../../gateway/flow.ts'
import type { AuditEvent } from '../../kernel/event.ts'
import type { Admitted, Authorized, Matched, Progress } from '../../kernel/facts.ts'
import type { ProblemCode } from '../../kernel/problem.ts'
import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import { compileGate } from '../compile-gate.ts'
import { schemeMappings } from '../policy/api-policy.ts'
import type { Policy } from '../policy/policy.ts'
import { createPassiveServices } from '../services.ts'
import { recordedCall } from './recorded-call.ts'

/** What a policy says of a recorded call, as far as the record tells. */
export type RecordedVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'refuse'; readonly code: ProblemCode; readonly check: string }
  /** `why` names what the rules ask for and no event holds. */
  | { readonly kind: 'unknown'; readonly why: string }

/** Judges recorded calls by one policy; calls must come in the order of their times, for limits count. */
export interface RecordedJudge {
  judge(event: AuditEvent): Promise<RecordedVerdict>
  close(): Promise<void>
}

/** Checks whose verdict hangs on what calls before it did upstream. */
const unknowable: ReadonlyMap<string, string> = new Map([
  ['authorize.flow', 'earlier steps of a flow'],
  ['authorize.destination', 'earlier replies'],
  ['authorize.read', 'the object itself'],
  ['authorize.sealed', 'sealed ids'],
  ['authorize.mcp-tool', 'the message of the agent'],
  ['authorize.mcp-pin', 'the message of the agent'],
  ['authorize.mcp-session', 'the message of the agent'],
])

/**
 * The stages from match to limit of a policy, over what events hold: method, path, caller with scopes and roles, address,
 * time. Nothing is asked of issuers, decision points or upstreams; no budget of a running gateway is spent.
 */
export async function createRecordedJudge(policy: Policy): Promise<RecordedJudge> {
  const services = await createPassiveServices(policy.loaded.config)
  const compiled = compileGate({ ...policy, asked: [], learned: [] }, services)
  const remote = new Set([...policy.asked, ...policy.learned].map(({ name }) => name))
  const accepts = compileAccepts(policy)
  const hosts = new Map(policy.apis.map(({ config }) => [config.name, config.host]))

  async function judge(event: AuditEvent): Promise<RecordedVerdict> {
    const { arrived, principal, asked } = recordedCall(event, hosts.get(event.api))
    let denial: Denial | undefined
    let reached = false
    let last: Progress = arrived
    await flow(
      {
        ...compiled.gate,
        house: undefined,
        own: () => undefined,
        // The reply's own fields are nobody's verdict.
        share: (_arrived, reply) => reply,
        origin: () => undefined,
        enter: undefined,
        open: undefined,
        identify: {
          run(matched) {
            // Finding the operation may look at fields; what counts is what the rules ask for.
            asked.clear()
            return accepts(matched, event)
              ? principal
              : deny('IDENTIFY_REQUIRED', 'identify.credential', 'not accepted')
          },
        },
        limit: { run: (call) => admit(compiled.gate.limit.run(call), event), runInput: (call) => call },
        inspect: {
          run(admitted: Admitted) {
            reached = true
            admitted.settle(event.status, event.bytesOut)
            return deny('GATEWAY_DRAINING', 'replay', 'no further on record')
          },
          runGrant: () => deny('GATEWAY_DRAINING', 'replay', 'no further on record'),
        },
        conclude(progress, _reply, by) {
          last = progress
          denial = by
        },
      },
      arrived,
    )
    // A missing scope is told from the caller alone; only its challenge reads the request.
    if (asked.size > 0 && denial?.check !== 'authorize.scope')
      return { kind: 'unknown', why: [...asked].sort().join(', ') }
    if (!reached) {
      if (denial === undefined) return { kind: 'unknown', why: 'a reply of the gateway itself' }
      const why = unknowable.get(denial.check)
      if (why !== undefined) return { kind: 'unknown', why }
      const wordless =
        event.scopes === undefined && event.roles === undefined && event.credentialKind !== 'none'
      const needsWords = denial.check === 'authorize.scope' || denial.check === 'authorize.function'
      if (wordless && needsWords) return { kind: 'unknown', why: 'scopes and roles of the caller' }
      return { kind: 'refuse', code: denial.code, check: denial.check }
    }
    if ((last as Partial<Authorized>).grant?.proof !== undefined) return { kind: 'unknown', why: 'the reply' }
    const names = (last as Partial<Matched>).params
    if (remote.has(event.api) && names !== undefined && Object.keys(names).length > 0)
      return { kind: 'unknown', why: 'what was learned or is decided elsewhere' }
    return { kind: 'pass' }
  }

  return {
    judge,
    async close() {
      await compiled.close()
      await services.close()
    },
  }
}

type Admission = Pick<Admitted, 'settle' | 'limitFields'>

/** A call that a throttle lets wait passes in the end; nobody waits for it here. */
async function admit(
  soon: Admission | Denial | Promise<Admission | Denial>,
  event: AuditEvent,
): Promise<Admission | Denial> {
  if (!(soon instanceof Promise)) return soon
  const turn = new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))
  const first = await Promise.race([soon, turn])
  if (first !== undefined) return first
  void soon.then((late) => {
    if (!isDenied(late)) late.settle(event.status, event.bytesOut)
  })
  return { settle: () => undefined, limitFields: [] }
}

/** Whether an operation takes a caller of this issuer and kind, as its security requirement and the policy say. */
function compileAccepts(policy: Policy): (matched: Matched, event: AuditEvent) => boolean {
  const byApi = new Map(
    policy.apis.map((api) => [
      api.config.name,
      new Map(schemeMappings(policy, api).map(({ scheme, issuers }) => [scheme, issuers])),
    ]),
  )
  return ({ operation }, event) => {
    if (operation.security.some((alternative) => alternative.length === 0)) return true
    if (operation.security.length === 0) return operation.securityDeclared
    const mappings = byApi.get(operation.api)
    return operation.security.some((alternative) =>
      alternative.some(({ scheme }) => {
        const issuers = mappings?.get(scheme)
        return issuers === 'public' || (event.issuer !== '' && issuers?.includes(event.issuer) === true)
      }),
    )
  }
}
