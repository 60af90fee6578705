import type { Answered } from '../../kernel/facts.ts'
import type { ReplyContract } from '../../kernel/operation.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { decodeContent, isKnownCoding } from '../../media/content-coding.ts'
import { type JsonText, parseJson, printableValue } from '../../media/json.ts'
import { collect } from './collect.ts'
import { type ScreenedBody, type ScreenPlan, violation } from './plan.ts'
import { plainError } from './screen-error.ts'
import { hasStackTrace } from './stack-trace.ts'

/** Replies may be larger and deeper than requests: the upstream is ours, but not trusted without bound. */
const replyLimits = { depth: 64, members: 2_000_000 }

/** Judges a JSON reply: whole, parsed once, pruned, validated. The original bytes leave where nothing changed. */
export async function screenJson(
  answered: Answered,
  contract: ReplyContract,
  plan: ScreenPlan,
): Promise<ScreenedBody | Denial> {
  const bytes = await plainBytes(answered, plan.maxBytes)
  if (!(bytes instanceof Uint8Array)) return bytes
  const { answer } = answered
  const json = parseJson(bytes, replyLimits)
  if (typeof json === 'string') return notJson(answered, plan, bytes, json)
  if (answer.status >= 400 && hasStackTrace(json.text)) {
    answered.trail.note('screen', 'screen.error', 'allow', undefined, 'error body replaced')
    return plainError(answered)
  }
  let body = bytes
  if (plan.prune !== 'off') {
    const removed = contract.prune(json.value)
    if (removed.length > 0) {
      const observed = plan.prune === 'observe'
      answered.trail.note(
        'screen',
        'screen.prune',
        observed ? 'deny' : 'allow',
        undefined,
        shown(removed),
        observed,
      )
      if (!observed) body = Buffer.from(printed(json, contract))
    }
  }
  if (plan.violations !== 'off') {
    const error = contract.validate(json.value)[0]
    if (error !== undefined) {
      const denial = violation(answered, plan, `${error.code} at ${error.pointer}`)
      if (denial !== undefined) return denial
    }
  }
  return { body, coded: false }
}

/** The pruned value as text; numbers that a double cannot hold leave as they came. */
function printed(json: JsonText, contract: ReplyContract): string {
  if (json.exact) return JSON.stringify(json.value)
  const value = printableValue(json)
  contract.prune(value)
  return JSON.stringify(value)
}

function shown(removed: readonly string[]): string {
  const more = removed.length > 5 ? ` and ${removed.length - 5} more` : ''
  return `undeclared: ${removed.slice(0, 5).join(' ')}${more}`
}

/** The bytes with their content coding undone. */
async function plainBytes(answered: Answered, limit: number): Promise<Uint8Array | Denial> {
  const coding = answered.answer.fields.get('content-encoding')?.toLowerCase()
  const whole = await collect(answered.answer.body, limit)
  if (whole === 'too large') return deny('SCREEN_TOO_LARGE', 'screen.size', 'reply above the limit')
  if (coding === undefined || coding === 'identity') return whole
  if (!isKnownCoding(coding)) return deny('SCREEN_SCHEMA', 'screen.coding', 'unknown content coding')
  const plain = await decodeContent(coding, whole, limit)
  if (plain === 'too large') return deny('SCREEN_TOO_LARGE', 'screen.size', 'reply inflates beyond the limit')
  if (plain === 'broken') return deny('SCREEN_SCHEMA', 'screen.coding', 'content coding does not decode')
  return plain
}

/**
 * A reply that says JSON and is not, or not in one reading: nothing can be pruned from it, so it leaves only where
 * pruning is not in force.
 */
function notJson(
  answered: Answered,
  plan: ScreenPlan,
  bytes: Uint8Array,
  problem: string,
): ScreenedBody | Denial {
  if (answered.answer.status >= 400) return plainError(answered)
  if (plan.prune === 'enforce') return deny('SCREEN_SCHEMA', 'screen.json', problem)
  return violation(answered, plan, problem) ?? { body: bytes, coded: false }
}
