import type { ErrorObject } from 'ajv'
import { TooCostly } from '../pattern/pattern.ts'

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

const maxErrors = 20

/** Puts the first errors below a path. More than a few are of no use, and lists of lists would grow without bound. */
export function below(
  errors: readonly ErrorObject[] | null | undefined,
  prefix: string,
): readonly ErrorObject[] {
  if (errors === null || errors === undefined) return []
  const few = errors.length > maxErrors ? errors.slice(0, maxErrors) : errors
  return prefix === '' ? few : few.map((error) => ({ ...error, instancePath: prefix + error.instancePath }))
}

/** Steps before anybody counts. */
const freeSteps = 2_000
/** Steps that a value may take beside those for its members. */
const baseSteps = 10_000
/** Steps for each member of the value: so many schemas may look at it. */
const stepsPerMember = 32
let root: unknown
let steps = 0
let limit = freeSteps

/** Starts the budget of one value. A step is a call from one schema into another. */
export function beginSteps(value: unknown): void {
  root = value
  steps = 0
  limit = freeSteps
}

/** Recursive alternatives could visit the same member exponentially often; throws `TooCostly` before that. */
export function takeStep(): void {
  steps += 1
  if (steps <= limit) return
  if (limit === freeSteps) limit = baseSteps + stepsPerMember * countMembers(root)
  if (steps > limit) throw new TooCostly('judging the value takes too many steps')
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  let count = 1
  for (const child of Array.isArray(value) ? value : Object.values(value)) count += countMembers(child)
  return count
}
