import { type ASTNode, EvaluationError } from '@marcbachmann/cel-js'
import { type Finding, type Place, Unusable } from '../kernel/finding.ts'
import { checkNames } from './check-names.ts'
import { compileClosure } from './compile-closure.ts'
import type { Expression } from './expression.ts'
import { broken, type Failure, isFailure, missing, mistyped } from './failure.ts'
import { LibraryView } from './library-view.ts'
import { type Meter, maxSteps, type Reader } from './reader.ts'
import type { Call, Scene } from './scene.ts'
import { environmentOf, type Variables } from './vocabulary.ts'

/** Characters an expression may have. */
export const maxExpressionLength = 4096

export interface ExpressionOptions {
  /** Where the source begins in the user's file. */
  readonly place: Place
  /** What may be read where the expression stands. */
  readonly variables: Variables
  /** `string` also takes numbers and booleans, which become text. */
  readonly expects: 'bool' | 'string' | 'any'
}

const textTypes: ReadonlySet<string> = new Set(['string', 'int', 'uint', 'double', 'bool', 'dyn'])

/**
 * Compiles a CEL expression: syntax, names and types are checked here, at start. Bounded by length, nodes,
 * depth, and at run by list items visited. Throws `Unusable` with file, line, column and a suggestion.
 */
export function compileExpression(source: string, options: ExpressionOptions): Expression {
  const { place, variables, expects } = options
  const fail = (offset: number, message: string, fix?: string): Finding => ({
    rule: 'expression.invalid',
    severity: 'error',
    message: `expression: ${message}`,
    place: placeAt(place, source, offset),
    ...(fix === undefined ? {} : { fix }),
  })
  if (source.trim() === '') throw new Unusable([fail(0, 'is empty')])
  if (source.length > maxExpressionLength)
    throw new Unusable([fail(0, `longer than ${maxExpressionLength} characters`)])

  const { run, ast, check } = parse(source, variables, fail)
  const usage = checkNames(ast, variables)
  if (usage.problems.length > 0)
    throw new Unusable(usage.problems.map((problem) => fail(problem.offset, problem.message, problem.fix)))
  const checked = check()
  if (!checked.valid) throw new Unusable([fail(offsetOf(checked.error), summaryOf(checked.error))])
  const type = checked.type ?? 'dyn'
  if (expects === 'bool' && type !== 'bool' && type !== 'dyn')
    throw new Unusable([fail(0, `must be true or false, but is ${type}`)])
  if (expects === 'string' && !textTypes.has(type))
    throw new Unusable([fail(0, `must be text or a number, but is ${type}`)])

  const meter: Meter = { left: 0 }
  let direct: Reader | undefined
  try {
    direct = compileClosure(ast, { bound: new Map(), meter })
  } catch (thrown) {
    throw new Unusable([fail(0, thrown instanceof Error ? thrown.message : 'cannot be compiled')])
  }
  const [unbounded] = usage.bounded
  if (direct === undefined && unbounded !== undefined) {
    const message =
      unbounded.name === 'matches'
        ? '"matches" takes a pattern written as a literal, and cannot be mixed with arithmetic, conversions or time'
        : `"${unbounded.name}" cannot be mixed with arithmetic, conversions or time`
    throw new Unusable([fail(unbounded.offset, message)])
  }

  const metered = direct !== undefined && usage.bounded.length > 0
  const inner = direct ?? libraryReader(run)
  const evaluate: Reader = metered
    ? (call, scene) => {
        meter.left = maxSteps
        return inner(call, scene)
      }
    : inner
  return {
    source,
    place,
    uses: usage.uses,
    engine: direct === undefined ? 'library' : 'direct',
    evaluate,
    holds: (call, scene) => evaluate(call, scene) === true,
    text: (call, scene) => textOf(evaluate(call, scene)),
  }
}

interface Parsed {
  readonly run: (context: object) => unknown
  readonly ast: ASTNode
  readonly check: () => { valid: boolean; type?: string; error?: unknown }
}

function parse(
  source: string,
  variables: Variables,
  fail: (offset: number, message: string) => Finding,
): Parsed {
  try {
    const parsed = environmentOf(variables).parse(source)
    return { run: parsed, ast: parsed.ast, check: parsed.check }
  } catch (thrown) {
    throw new Unusable([fail(offsetOf(thrown), summaryOf(thrown))])
  }
}

/** The library throws where a value is missing or of the wrong type; here that is an outcome like any other. */
function libraryReader(run: Parsed['run']): Reader {
  return (call: Call, scene: Scene) => {
    try {
      const value = run(new LibraryView(call, scene))
      return value === undefined || value instanceof Promise ? broken : value
    } catch (thrown) {
      if (!(thrown instanceof EvaluationError)) return broken
      if (thrown.code === 'no_such_key' || thrown.code === 'unknown_variable') return missing
      return thrown.code === 'no_such_overload' || thrown.code === 'no_matching_overload' ? mistyped : broken
    }
  }
}

/** A string, exact number or boolean as text: the form in which ids and keys are compared. */
export function textOf(value: unknown): string | Failure {
  if (typeof value === 'string') return value
  if (isFailure(value)) return value
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  // A double beyond 2^53 stands for many integers: no one text is its value.
  if (typeof value === 'number')
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? mistyped : String(value)
  return mistyped
}

function offsetOf(error: unknown): number {
  const range: unknown = error instanceof Error && 'range' in error ? error.range : undefined
  return typeof range === 'object' && range !== null && 'start' in range && typeof range.start === 'number'
    ? range.start
    : 0
}

function summaryOf(error: unknown): string {
  if (error instanceof Error && 'summary' in error && typeof error.summary === 'string') return error.summary
  return error instanceof Error ? (error.message.split('\n', 1)[0] ?? error.message) : 'cannot be read'
}

/** The place of a character of the source: the file's line and column where it is known where the source begins. */
function placeAt(place: Place, source: string, offset: number): Place {
  if (place.line === undefined) return place
  const before = source.slice(0, offset).split('\n')
  const last = before.at(-1)?.length ?? 0
  const line = place.line + before.length - 1
  return { ...place, line, column: before.length === 1 ? (place.column ?? 1) + last : last + 1 }
}
