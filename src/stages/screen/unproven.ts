import type { Answered } from '../../kernel/facts.ts'
import type { ReplyContract } from '../../kernel/operation.ts'
import type { ReplyProof } from '../../kernel/reply-proof.ts'
import type { Denial } from '../../kernel/verdict.ts'
import { isSuccess } from './success.ts'

/** Replies by which an upstream says that there is no such object, or that it is another's. */
const hiding: ReadonlySet<number> = new Set([403, 404, 410])

/** The refusal of a reply whose head alone shows that it proves nothing. Other errors say nothing about an object. */
export function unprovenHead(answered: Answered, proof: ReplyProof): Denial | undefined {
  const { status, body } = answered.answer
  if (hiding.has(status)) return proof.unproven('missing')
  if (status >= 400) return undefined
  const bodiless = answered.method === 'HEAD' || status === 204 || body === undefined
  return bodiless || !isSuccess(status) ? proof.unproven('no body') : undefined
}

/** The refusal of a successful reply that is not JSON, where something in it would have to be judged. */
export function unreadable(answered: Answered, contract: ReplyContract | undefined): Denial | undefined {
  const { proof, read } = answered.grant
  const denial = proof?.unproven('not JSON')
  if (denial !== undefined) return denial
  // A type that is declared without a schema holds no property that a rule could name.
  return contract !== undefined && !contract.hasSchema ? undefined : read?.blind()
}
