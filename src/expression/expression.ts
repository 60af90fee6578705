import type { Place } from '../kernel/finding.ts'
import type { Failure } from './failure.ts'
import type { Call, Scene } from './scene.ts'
import type { VariableName } from './vocabulary.ts'

/** A compiled condition or value over one call. */
export interface Expression {
  readonly source: string
  readonly place: Place
  /** The variables it reads; they tell the phase it needs. */
  readonly uses: ReadonlySet<VariableName>
  /** `direct`: own closures (0.02–0.2 µs). `library`: the CEL library evaluates it (0.3–5 µs). */
  readonly engine: 'direct' | 'library'
  /** The value, or why there is none. Never throws. */
  evaluate(call: Call, scene: Scene): unknown
  /** True only where the value is the boolean `true`: a missing or failed value is no. */
  holds(call: Call, scene: Scene): boolean
  /** The value where it is a string, number or boolean, as text; otherwise why not. */
  text(call: Call, scene: Scene): string | Failure
}

/** When an expression can be evaluated at the earliest. */
export type ExpressionPhase = 'head' | 'input' | 'reply'

export function phaseOf(expression: Expression): ExpressionPhase {
  if (expression.uses.has('response')) return 'reply'
  return expression.uses.has('body') ? 'input' : 'head'
}
