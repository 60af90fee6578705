import type { JsonClient } from '../../../outbound/create-outbound.ts'
import { OutboundError } from '../../../outbound/outbound-error.ts'
import { ownMember } from './own-member.ts'

/** How a decision point is reached. */
export interface DecisionClient {
  readonly outbound: JsonClient
  /** Bearer credential of the gateway at the decision point. */
  readonly token: string | undefined
}

/** POSTs a question. A kept connection may have been closed at this very moment: it is asked twice then, in the same time. */
export async function postQuestion(
  client: DecisionClient,
  url: string,
  question: unknown,
  requestId: string,
  timeoutMs: number,
): Promise<unknown> {
  const until = performance.now() + timeoutMs
  const send = (leftMs: number): Promise<unknown> =>
    client.outbound.postJson(url, question, { token: client.token, requestId, timeoutMs: leftMs })
  try {
    return await send(timeoutMs)
  } catch (error) {
    const left = until - performance.now()
    if (!(error instanceof OutboundError) || error.failure !== 'unreachable' || left < 1) throw error
    return send(left)
  }
}

/** `value` must be a boolean: anything else is no decision. */
export function booleanOf(answer: unknown, name: string): boolean {
  const value = ownMember(answer, name)
  if (typeof value !== 'boolean') throw new OutboundError('malformed', `the answer has no ${name}`)
  return value
}
