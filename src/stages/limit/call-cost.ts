import { compileExpression } from '../../expression/compile-expression.ts'
import { phaseOf } from '../../expression/expression.ts'
import type { Call, Scene } from '../../expression/scene.ts'
import { Unusable } from '../../kernel/finding.ts'
import type { Operation } from '../../kernel/operation.ts'
import { variablesOf } from './budget-key.ts'
import type { Cost } from './options.ts'

/** What calls of one operation cost. */
export interface CallCost {
  readonly phase: 'head' | 'input'
  /** The cost of every call; undefined where `of` tells it. */
  readonly fixed: number | undefined
  /** A whole number from 0; `whole` where there is no such value: what cannot be known is not cheap. */
  of(call: Call, scene: Scene, whole: number): number
  /** Bytes of a reply for which 1 is charged afterwards; 0: none. */
  readonly replyBytes: number
}

const oneCall: CallCost = { phase: 'head', fixed: 1, of: () => 1, replyBytes: 0 }

/** Compiles `cost` of a rule. Throws `Unusable`. */
export function compileCost(cost: Cost | undefined, operation: Operation): CallCost {
  if (cost === undefined) return oneCall
  const { calls, replyBytes = 0, place } = cost
  if (typeof calls === 'number') {
    // Where a reply is charged, nothing is taken before it: there must be room for at least one.
    if (!Number.isSafeInteger(calls) || calls < 1)
      throw new Unusable([
        { rule: 'config.invalid', severity: 'error', message: '"cost" must be a whole number from 1', place },
      ])
    return { phase: 'head', fixed: calls, of: () => calls, replyBytes }
  }
  const expression = compileExpression(calls, { place, variables: variablesOf(operation), expects: 'any' })
  return {
    phase: phaseOf(expression) === 'head' ? 'head' : 'input',
    fixed: undefined,
    of: (call, scene, whole) => costOf(expression.evaluate(call, scene), whole),
    replyBytes,
  }
}

/** A caller who makes the value negative must not be given budget; nor may one that is no number be free. */
function costOf(value: unknown, whole: number): number {
  const number = typeof value === 'bigint' ? Number(value) : value
  if (typeof number !== 'number' || Number.isNaN(number)) return whole
  return Math.min(Math.max(0, Math.ceil(number)), Number.MAX_SAFE_INTEGER)
}
