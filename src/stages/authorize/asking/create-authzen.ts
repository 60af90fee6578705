import { OutboundError } from '../../../outbound/outbound-error.ts'
import type { Decision, DecisionPoint, Question } from './decision-point.ts'
import { ownMember } from './own-member.ts'
import { booleanOf, type DecisionClient, postQuestion } from './post-question.ts'

export interface AuthzenOptions {
  /** Base URL, without a slash at its end. */
  readonly url: string
  readonly batch: number
}

/**
 * A decision point that speaks the AuthZEN Authorization API 1.0: `access/v1/evaluation` for one object,
 * `access/v1/evaluations` for several, of which every one is decided (`execute_all`, the default).
 */
export function createAuthzen(options: AuthzenOptions, client: DecisionClient): DecisionPoint {
  return {
    batch: options.batch,
    canName: () => true,
    async decide(question, timeoutMs) {
      const { ids, requestId } = question
      const [only] = ids
      if (only !== undefined && ids.length === 1) {
        const body = { ...shared(question), resource: { type: question.type, id: only } }
        const url = `${options.url}/access/v1/evaluation`
        return [decisionOf(await postQuestion(client, url, body, requestId, timeoutMs))]
      }
      const body = {
        ...shared(question),
        evaluations: ids.map((id) => ({ resource: { type: question.type, id } })),
      }
      const url = `${options.url}/access/v1/evaluations`
      const evaluations = ownMember(
        await postQuestion(client, url, body, requestId, timeoutMs),
        'evaluations',
      )
      if (!Array.isArray(evaluations) || evaluations.length !== ids.length)
        throw new OutboundError('malformed', 'not one evaluation for each object')
      return evaluations.map(decisionOf)
    },
  }
}

function shared({ subject, action, context }: Question): Record<string, unknown> {
  return {
    subject: { type: subject.type, id: subject.id, properties: { issuer: subject.issuer } },
    action: { name: action },
    ...(context !== undefined && { context }),
  }
}

/** A decision of `false` for want of an evaluation (an error of 500 or above in its context) is none. */
function decisionOf(answer: unknown): Decision {
  if (booleanOf(answer, 'decision')) return 'allow'
  const status = ownMember(ownMember(ownMember(answer, 'context'), 'error'), 'status')
  return typeof status === 'number' && status >= 500 ? 'undecided' : 'deny'
}
