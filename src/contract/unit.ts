import type { ErrorObject } from 'ajv'
import { TooCostly } from './pattern.ts'

/** One schema that validates on its own. Errors are those of the last run that was false. */
export interface Unit {
  /** True when the value is valid. Stops at the first error. */
  run(value: unknown): boolean
  /** `instancePath` is put below `prefix`. */
  errors(prefix: string): readonly ErrorObject[]
  /** As `run`, but finds all errors. */
  runAll(value: unknown): boolean
  errorsAll(prefix: string): readonly ErrorObject[]
}

/** Puts errors below a path. */
export function below(
  errors: readonly ErrorObject[] | null | undefined,
  prefix: string,
): readonly ErrorObject[] {
  if (errors === null || errors === undefined) return []
  if (prefix === '') return errors
  return errors.map((error) => ({ ...error, instancePath: prefix + error.instancePath }))
}

/** Steps through references that judging one value may take; far above what a body within its limits needs. */
const maxSteps = 1_000_000
let steps = 0

/** Starts the budget of one value. */
export function beginSteps(): void {
  steps = 0
}

/** Recursive alternatives could visit the same value exponentially often; throws `TooCostly` before that. */
export function takeStep(): void {
  steps += 1
  if (steps > maxSteps) throw new TooCostly('judging the value takes too many steps')
}
