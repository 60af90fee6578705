import { OutboundError } from '../../../outbound/outbound-error.ts'
import type { Decision, DecisionPoint, Question } from './decision-point.ts'
import { ownMember } from './own-member.ts'
import { booleanOf, type DecisionClient, postQuestion } from './post-question.ts'

export interface OpenfgaOptions {
  /** Base URL, without a slash at its end. */
  readonly url: string
  readonly store: string
  /** Id of the authorization model; undefined: the store's newest. */
  readonly model: string | undefined
  readonly batch: number
}

/** What has a meaning of its own in `type:id#relation`, or cannot stand there. `*` would be everybody. */
const meaningful = /[:#@*\s\p{Cc}\p{Cs}]/u

/**
 * An OpenFGA store: `check` for one object, `batch-check` for several. Ids and subjects are names there: one that would
 * be read as something else (`user:*`, `team#member`) is never asked about.
 */
export function createOpenfga(options: OpenfgaOptions, client: DecisionClient): DecisionPoint {
  const base = `${options.url}/stores/${encodeURIComponent(options.store)}`
  const model = options.model === undefined ? {} : { authorization_model_id: options.model }
  return {
    batch: options.batch,
    canName: (id) => !meaningful.test(id),
    async decide(question, timeoutMs) {
      const { ids, requestId } = question
      const [only] = ids
      if (only !== undefined && ids.length === 1) {
        const body = { ...checkOf(question, only), ...model }
        const answer = await postQuestion(client, `${base}/check`, body, requestId, timeoutMs)
        return [booleanOf(answer, 'allowed') ? 'allow' : 'deny']
      }
      const checks = ids.map((id, index) => ({ ...checkOf(question, id), correlation_id: String(index) }))
      const answer = await postQuestion(
        client,
        `${base}/batch-check`,
        { checks, ...model },
        requestId,
        timeoutMs,
      )
      const result = ownMember(answer, 'result')
      return ids.map((_id, index) => decisionOf(ownMember(result, String(index))))
    },
  }
}

function checkOf({ subject, action, type, context }: Question, id: string): Record<string, unknown> {
  return {
    tuple_key: { user: `${subject.type}:${subject.id}`, relation: action, object: `${type}:${id}` },
    ...(context !== undefined && { context }),
  }
}

function decisionOf(result: unknown): Decision {
  if (ownMember(result, 'error') !== undefined) return 'undecided'
  if (result === undefined) throw new OutboundError('malformed', 'not one result for each object')
  return booleanOf(result, 'allowed') ? 'allow' : 'deny'
}
