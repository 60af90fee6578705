import { memberOf } from '../../expression/compile-access.ts'
import { compileExpression, textOf } from '../../expression/compile-expression.ts'
import { phaseOf } from '../../expression/expression.ts'
import { type Failure, isFailure, missing, mistyped } from '../../expression/failure.ts'
import type { Call, Scene } from '../../expression/scene.ts'
import type { Place } from '../../kernel/finding.ts'
import type { Operation, Parameter } from '../../kernel/operation.ts'
import { operationVariables } from './operation-variables.ts'

/** Where a rule finds the ids of the objects that a call is about. */
export interface IdSource {
  readonly phase: 'head' | 'input'
  /** Adds every id of the call, in the form the upstream will read, or says why there is none. */
  read(call: Call, scene: Scene, ids: string[]): Failure | undefined
}

/** A parameter that is read by its name alone. */
export interface ParameterSource {
  readonly in: Parameter['in']
  readonly name: string
}

const parameterSource = /^(path|query|header|cookie)(?:\.([A-Za-z_]\w*)|\[(?:'([^'\\]+)'|"([^"\\]+)")\])$/
const bodySource = /^body(?:\.[A-Za-z_]\w*|\['[^'\\]+'\]|\["[^"\\]+"\]|\[\d+\]|\[\*\])*$/
const bodyStep = /\.([A-Za-z_]\w*)|\['([^'\\]+)'\]|\["([^"\\]+)"\]|\[(\d+)\]|\[(\*)\]/g

/** The parameter that an `id` reads, where it is just that. */
export function parseParameterSource(source: string): ParameterSource | undefined {
  const match = parameterSource.exec(source.trim())
  const [, where, dotted, single, double] = match ?? []
  const name = dotted ?? single ?? double
  if (name === undefined) return undefined
  if (where === 'path' || where === 'query' || where === 'header' || where === 'cookie')
    return { in: where, name: where === 'header' ? name.toLowerCase() : name }
  return undefined
}

/** Compiles the `id` of an object rule for one operation. Throws `Unusable` where it reads what is not there. */
export function compileIdSource(source: string, operation: Operation, place: Place): IdSource {
  const text = source.trim()
  const parameter = parseParameterSource(text)
  if (parameter?.in === 'path') {
    compileExpression(text, { place, variables: operationVariables(operation, false), expects: 'string' })
    return { phase: 'head', read: (call, _scene, ids) => add(call.params[parameter.name] ?? missing, ids) }
  }
  if (parameter !== undefined) {
    compileExpression(text, { place, variables: operationVariables(operation, false), expects: 'string' })
    return { phase: 'head', read: (call, _scene, ids) => addAll(occurrences(call, parameter), ids) }
  }
  if (bodySource.test(text)) {
    const checked = text.replaceAll('[*]', '[0]')
    compileExpression(checked, { place, variables: operationVariables(operation, false), expects: 'any' })
    const steps = stepsOf(text)
    return { phase: 'input', read: (_call, scene, ids) => walk(scene.body, steps, 0, ids) }
  }
  const expression = compileExpression(text, {
    place,
    variables: operationVariables(operation, false),
    expects: 'any',
  })
  return {
    phase: phaseOf(expression) === 'head' ? 'head' : 'input',
    read: (call, scene, ids) => {
      const value = expression.evaluate(call, scene)
      return Array.isArray(value) ? addAll(value, ids) : add(value, ids)
    },
  }
}

// A list where one id belongs, an object, a null: none is an id, so the call is refused.
function add(value: unknown, ids: string[]): Failure | undefined {
  const id = textOf(value)
  if (isFailure(id)) return id
  ids.push(id)
  return undefined
}

function addAll(values: readonly unknown[], ids: string[]): Failure | undefined {
  for (const value of values) {
    const failed = add(value, ids)
    if (failed !== undefined) return failed
  }
  return undefined
}

/** Every value of a parameter that may be repeated; a lone `missing` where there is none. */
function occurrences(call: Call, parameter: ParameterSource): readonly unknown[] {
  const found: string[] = []
  if (parameter.in === 'query') {
    for (const pair of call.pairs) if (pair.name === parameter.name) found.push(pair.value)
  } else if (parameter.in === 'header') {
    found.push(...call.fields.all(parameter.name))
  } else {
    for (const field of call.fields.all('cookie'))
      for (const pair of field.split(';')) {
        const equals = pair.indexOf('=')
        if (equals >= 0 && pair.slice(0, equals).trim() === parameter.name)
          found.push(pair.slice(equals + 1).trim())
      }
  }
  return found.length === 0 ? [missing] : found
}

type Step = { readonly member: string } | { readonly index: number } | 'each'

function stepsOf(source: string): Step[] {
  const steps: Step[] = []
  for (const [, dotted, single, double, index, each] of source.matchAll(bodyStep)) {
    const member = dotted ?? single ?? double
    if (member !== undefined) steps.push({ member })
    else if (index !== undefined) steps.push({ index: Number(index) })
    else if (each !== undefined) steps.push('each')
  }
  return steps
}

function walk(value: unknown, steps: readonly Step[], at: number, ids: string[]): Failure | undefined {
  const step = steps[at]
  if (step === undefined) return add(value === undefined ? missing : value, ids)
  if (step === 'each') {
    if (!Array.isArray(value)) return mistyped
    for (const item of value) {
      const failed = walk(item, steps, at + 1, ids)
      if (failed !== undefined) return failed
    }
    return undefined
  }
  if ('index' in step)
    return Array.isArray(value) && step.index < value.length
      ? walk(value[step.index], steps, at + 1, ids)
      : missing
  const member = memberOf(value, step.member)
  return isFailure(member) ? member : walk(member, steps, at + 1, ids)
}
