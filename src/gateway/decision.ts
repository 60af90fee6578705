import type { Arrived, Inspected, Reply } from '../kernel/facts.ts'
import { Fields } from '../kernel/fields.ts'
import { type Denial, deny } from '../kernel/verdict.ts'
import { flow } from './flow.ts'
import type { Gate } from './gate.ts'

/** What a call may do: pass, with what was proven of it, or be answered by the gate. */
export type Decision =
  | { readonly allowed: Inspected; readonly reply: Reply }
  | { readonly allowed: undefined; readonly reply: Reply }

/**
 * The eight stages without an upstream: what would be forwarded is allowed. What only the reply could prove or would
 * have to be taken out of it is refused, because a decision point never sees a reply.
 *
 * @param fieldsFor what the upstream is told, flat name and value pairs
 */
export async function decide(
  gate: Gate,
  arrived: Arrived,
  fieldsFor: (call: Inspected) => readonly string[],
): Promise<Decision> {
  let allowed: Inspected | undefined
  const reply = await flow(
    {
      ...gate,
      // Documents of the gateway's own are served by its own listeners.
      house: undefined,
      own: () => undefined,
      forward: {
        run(call) {
          // An upstream would get what the gate alone can answer.
          const denial =
            gate.isOwn?.(call.operation) === true
              ? deny('MATCH_NO_OPERATION', 'decide.tools', 'tools are served by listeners of the gate')
              : needsReply(call)
          if (denial !== undefined) return denial
          allowed = call
          return { status: 200, fields: noFields, body: undefined, wait: 0, tunnel: undefined }
        },
      },
      screen: {
        run: (answered) => ({
          status: 200,
          fields: ['X-Request-Id', answered.id, ...answered.limitFields, ...fieldsFor(answered)],
          body: undefined,
        }),
      },
    },
    arrived,
  )
  return reply.status === 200 && allowed !== undefined ? { allowed, reply } : { allowed: undefined, reply }
}

const noFields = new Fields([])

function needsReply({ grant }: Inspected): Denial | undefined {
  if (grant.proof !== undefined)
    return deny(
      'AUTHORIZE_OBJECT',
      'decide.owner',
      'only the reply shows the owner, and no reply is seen here',
    )
  if (grant.read !== undefined)
    return deny('AUTHORIZE_PROPERTY', 'decide.properties', 'the reply would have to be filtered')
  if (grant.release !== undefined)
    return deny(
      'AUTHORIZE_OBJECT',
      'decide.release',
      'ids of the reply would have to be sealed or remembered',
    )
  return undefined
}
