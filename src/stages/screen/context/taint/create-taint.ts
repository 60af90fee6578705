import type { Answered, Inspected } from '../../../../kernel/facts.ts'
import type { Mode } from '../../../../kernel/mode.ts'
import { type Denial, deny } from '../../../../kernel/verdict.ts'
import { createTaintLedger, type TaintLedgerOptions } from './taint-ledger.ts'

const check = 'screen.taint'
const mostTexts = 4_096
const deepest = 32
const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** What one operation does about destinations that came from the text of others. */
export interface TaintPlan {
  readonly mode: Mode
  /** A caller with this scope has somebody's approval. */
  readonly approval: string | undefined
}

export interface Taint {
  /** Judges what a call that changes something names. Refuses with `AUTHORIZE_DESTINATION`. */
  judge(inspected: Inspected): Denial | undefined
  /** A reply whose texts come from others. */
  foreign(answered: Answered, value: unknown): void
}

/** Follows destinations from the texts of others into the calls of whoever read them; `plans` by `Operation.slot`. */
export function createTaint(
  plans: readonly (TaintPlan | undefined)[],
  options: TaintLedgerOptions = {},
): Taint {
  const ledger = createTaintLedger(options)
  return {
    judge(inspected) {
      const plan = plans[inspected.operation.slot]
      const { principal } = inspected
      if (plan === undefined || plan.mode === 'off' || principal.kind === 'none') return undefined
      const caller = callerOf(inspected)
      const texts = textsOf(inspected)
      if (!safe.has(inspected.method) && ledger.tainted(caller, texts, inspected.time) > 0) {
        if (plan.approval !== undefined && principal.scopes.includes(plan.approval)) {
          inspected.trail.note('inspect', check, 'allow', undefined, 'a foreign destination, approved')
          return undefined
        }
        const denial = deny(
          'AUTHORIZE_DESTINATION',
          check,
          'it names a destination that the caller knows from the text of others alone',
        )
        if (plan.mode === 'enforce') return denial
        inspected.trail.note('inspect', check, 'deny', denial.code, denial.reason, true)
        return undefined
      }
      ledger.known(caller, texts, inspected.time)
      return undefined
    },
    foreign(answered, value) {
      if (answered.principal.kind === 'none') return
      ledger.shown(callerOf(answered), walk(value), answered.time)
    },
  }
}

function callerOf({ principal }: Inspected): string {
  return `${principal.issuer}\0${principal.sub}\0${principal.client ?? ''}`
}

/** Every text that a call carries where an upstream may look for it. */
function textsOf({ params, pairs, input }: Inspected): string[] {
  const texts = Object.values(params)
  for (const { value } of pairs) texts.push(value)
  for (const text of walk(input.value)) texts.push(text)
  return texts
}

/** Texts and long numbers of a value, bounded in number and depth. */
function* walk(value: unknown, depth = 0, left = { count: mostTexts }): Generator<string> {
  if (left.count-- <= 0 || depth > deepest) return
  if (typeof value === 'string') yield value
  else if (typeof value === 'number' || typeof value === 'bigint') {
    if (Math.abs(Number(value)) > 1e7) yield String(value)
  } else if (Array.isArray(value)) for (const item of value) yield* walk(item, depth + 1, left)
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) yield* walk(item, depth + 1, left)
}
