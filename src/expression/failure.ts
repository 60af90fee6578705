/** Why an expression has no value on a call. */
export type FailureReason = 'missing' | 'ambiguous' | 'mistyped' | 'exhausted' | 'broken'

/**
 * The outcome of an expression that could not be evaluated on a call. It is a value, never thrown, and whoever
 * asks refuses: a missing value denies. There is one instance per reason, so a failure costs no allocation.
 */
export class Failure {
  readonly reason: FailureReason

  constructor(reason: FailureReason) {
    this.reason = reason
    Object.freeze(this)
  }
}

/** Something that the expression reads is not there. */
export const missing: Failure = new Failure('missing')
/** A field or parameter came more than once: two readers could take different values. */
export const ambiguous: Failure = new Failure('ambiguous')
/** A value is of another type than the operator takes. */
export const mistyped: Failure = new Failure('mistyped')
/** A list was longer than an expression may walk. */
export const exhausted: Failure = new Failure('exhausted')
/** The evaluator itself failed: overflow, division by zero, malformed timestamp. */
export const broken: Failure = new Failure('broken')

export function isFailure(value: unknown): value is Failure {
  return value instanceof Failure
}
