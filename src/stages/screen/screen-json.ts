import type { Answered } from '../../kernel/facts.ts'
import type { ReplyContract } from '../../kernel/operation.ts'
import { everyText } from '../../kernel/text-plan.ts'
import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import { type JsonText, parseJson, printableValue, printJson } from '../../media/json.ts'
import type { SchemaState } from './context/context-fields.ts'
import { PlacedOnly } from './placed-only.ts'
import { plainBytes } from './plain-bytes.ts'
import { type ScreenPlan, violation } from './plan.ts'
import { plainError } from './screen-error.ts'
import type { ScreenedBody } from './screened-body.ts'
import { hasStackTrace } from './stack-trace.ts'
import { isSuccess } from './success.ts'

/** Replies may be larger and deeper than requests: the upstream is ours, but not trusted without bound. */
const replyLimits = { depth: 64, members: 2_000_000 }

/**
 * Judges a JSON reply: whole, parsed once, proven, pruned, validated. The original bytes leave where nothing changed.
 */
export async function screenJson(
  answered: Answered,
  contract: ReplyContract | undefined,
  plan: ScreenPlan,
): Promise<ScreenedBody | Denial> {
  const bytes = await plainBytes(answered.answer, plan.maxBytes)
  if (!(bytes instanceof Uint8Array)) return bytes
  const { answer, grant } = answered
  const json = parseJson(bytes, replyLimits)
  const success = isSuccess(answer.status)
  const guarded =
    (success || contract?.hasSchema === true) && (grant.proof !== undefined || grant.read !== undefined)
  if (typeof json === 'string') {
    if (guarded && success) {
      const denial = grant.proof?.unproven('not JSON') ?? grant.read?.blind()
      if (denial !== undefined) return denial
    }
    const denial = answer.status < 400 ? grant.release?.blind?.(answer.status, undefined, false) : undefined
    if (denial !== undefined) return denial
    return notJson(answered, plan, bytes, json)
  }
  if (answer.status >= 400 && hasStackTrace(json.text)) {
    answered.trail.note('screen', 'screen.error', 'allow', undefined, 'error body replaced')
    return plainError(answered)
  }
  if (guarded) return screenGranted(answered, contract, plan, bytes, json)
  const exact = printableValue(json)
  const pruned = prune(answered, contract, plan, bytes, json, exact)
  const schema = validate(answered, contract, plan, json)
  return isState(schema) ? release(answered, contract, plan, json, pruned, exact, schema) : schema
}

/** What leaves: the body, and its value where that is no longer the one that was parsed. */
interface Left {
  readonly body: Uint8Array
  /** True where the value was changed, but the body was not. */
  readonly stale: boolean
}

/** Lets its reader change what leaves, then the grant, which learns from it. */
async function release(
  answered: Answered,
  contract: ReplyContract | undefined,
  plan: ScreenPlan,
  json: JsonText,
  left: Left,
  exact: unknown,
  schema: SchemaState,
): Promise<ScreenedBody | Denial> {
  const { release: last } = answered.grant
  const { reader } = plan
  const conceals = plan.conceal === 'enforce' && plan.prune !== 'enforce' && contract?.hasSchema === true
  if (last === undefined && reader === undefined && !conceals) return { body: left.body, coded: false }
  const root = { value: exact }
  if (left.stale) {
    const again = parseJson(left.body, replyLimits)
    root.value = typeof again === 'string' ? undefined : printableValue(again)
  }
  const concealed = conceals && contract.conceal(root.value, root.value)
  if (concealed) answered.trail.note('screen', 'screen.secrets', 'allow', undefined, 'removed: sensitive')
  const texts = schema === 'pass' && contract !== undefined ? contract.texts : everyText
  const reading = reader?.json(answered, { root, text: json.text, texts, schema })
  const read = reading instanceof Promise ? await reading : reading
  if (isDenied(read)) return read
  const { status, fields } = answered.answer
  const released = last?.run(status, root.value, fields.get('location')) === true
  const rewritten = concealed || read?.changed === true
  if (read?.wrap !== undefined)
    return { ...read.wrap(printJson(root.value, json.exact)), fields: read.fields, rewritten: true }
  return {
    body: rewritten || released ? Buffer.from(printJson(root.value, json.exact)) : left.body,
    coded: false,
    rewritten,
    ...(read !== undefined && { fields: read.fields }),
  }
}

/** A reply of which only a part may leave, or none. What the upstream sent is validated, not what is left of it. */
async function screenGranted(
  answered: Answered,
  contract: ReplyContract | undefined,
  plan: ScreenPlan,
  bytes: Uint8Array,
  json: JsonText,
): Promise<ScreenedBody | Denial> {
  const { proof } = answered.grant
  const read = answered.grant.read ?? (proof?.enforced === true ? new PlacedOnly() : undefined)
  const schema = validate(answered, contract, plan, json)
  if (!isState(schema)) return schema
  const exact = printableValue(json)
  let removed = 0
  if (proof !== undefined) {
    const judged = proof.judge({
      contract,
      value: json.value,
      exact,
      failed: !isSuccess(answered.answer.status),
    })
    if (isDenied(judged)) return judged
    removed = judged.removed
  }
  const pruning = plan.prune === 'enforce' && contract?.hasSchema === true
  if (read !== undefined && !pruning) {
    if (contract?.hasSchema === true) contract.restrict(json.value, read, exact)
    else {
      const denial = read.blind()
      if (denial !== undefined) return denial
    }
  }
  let body = bytes
  if (pruning) {
    const undeclared = contract.prune(json.value, read, exact)
    if (undeclared.length > 0) notePruned(answered, undeclared, false)
    removed += undeclared.length
  }
  if (read?.denial !== undefined) return read.denial
  if (removed > 0 || (read !== undefined && read.removed > 0))
    body = Buffer.from(printJson(exact, json.exact))
  const watched = !pruning && prune(answered, contract, plan, bytes, json, exact).stale
  return release(answered, contract, plan, json, { body, stale: watched }, exact, schema)
}

/** Removes what is not declared, or says what would be removed. */
function prune(
  answered: Answered,
  contract: ReplyContract | undefined,
  plan: ScreenPlan,
  bytes: Uint8Array,
  json: JsonText,
  exact: unknown,
): Left {
  if (plan.prune === 'off' || contract === undefined) return { body: bytes, stale: false }
  const removed = contract.prune(json.value, undefined, exact)
  if (removed.length === 0) return { body: bytes, stale: false }
  const watched = plan.prune === 'observe'
  notePruned(answered, removed, watched)
  return watched
    ? { body: bytes, stale: true }
    : { body: Buffer.from(printJson(exact, json.exact)), stale: false }
}

function notePruned(answered: Answered, removed: readonly string[], observed: boolean): void {
  answered.trail.note(
    'screen',
    'screen.prune',
    observed ? 'deny' : 'allow',
    undefined,
    shown(removed),
    observed,
  )
}

/** Whether the reply is what the contract says; a refusal where it must be. */
function validate(
  answered: Answered,
  contract: ReplyContract | undefined,
  plan: ScreenPlan,
  json: JsonText,
): SchemaState | Denial {
  if (plan.violations === 'off' || contract?.hasSchema !== true) return 'none'
  const error = contract.validate(json.value)[0]
  if (error === undefined) return 'pass'
  return violation(answered, plan, `${error.code} at ${error.pointer}`) ?? 'fail'
}

function isState(schema: SchemaState | Denial): schema is SchemaState {
  return typeof schema === 'string'
}

function shown(removed: readonly string[]): string {
  const more = removed.length > 5 ? ` and ${removed.length - 5} more` : ''
  return `undeclared: ${removed.slice(0, 5).join(' ')}${more}`
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
  return (
    violation(answered, plan, problem) ?? plan.reader?.unparsed(answered) ?? { body: bytes, coded: false }
  )
}
