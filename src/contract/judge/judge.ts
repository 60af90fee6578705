import type { ErrorObject } from 'ajv'
import type { SchemaError } from '../../kernel/verdict.ts'
import { TooCostly } from '../pattern/pattern.ts'
import { pointerToken } from '../schema.ts'
import { beginSteps, type Unit } from './unit.ts'

export const maxErrors = 20
/** Values up to this many members are judged a second time for all their errors; larger ones show the first. */
const maxDetailed = 2_000
const maxPointer = 300
export const noErrors: readonly SchemaError[] = Object.freeze([])

/** Judges one value; the errors' pointers begin with `prefix`. */
export function judge(unit: Unit, value: unknown, prefix: string): readonly SchemaError[] {
  try {
    beginSteps(value)
    if (unit.run(value)) return noErrors
    if (!isSmall(value)) return toSchemaErrors(unit.errors(prefix))
    beginSteps(value)
    return unit.runAll(value) ? noErrors : toSchemaErrors(unit.errorsAll(prefix))
  } catch (error) {
    if (error instanceof TooCostly) return [{ pointer: prefix, code: 'tooComplex' }]
    throw error
  }
}

function isSmall(root: unknown): boolean {
  const queue: unknown[] = [root]
  for (let i = 0; i < queue.length; i++) {
    const value = queue[i]
    if (typeof value !== 'object' || value === null) continue
    const children = Object.values(value)
    if (queue.length + children.length > maxDetailed) return false
    queue.push(...children)
  }
  return true
}

const codes: ReadonlyMap<string, string> = new Map([
  ['additionalProperties', 'undeclared'],
  ['unevaluatedProperties', 'undeclared'],
  ['false schema', 'undeclared'],
  ['dependentRequired', 'required'],
])

function toSchemaErrors(errors: readonly ErrorObject[]): readonly SchemaError[] {
  const out: SchemaError[] = []
  const seen = new Set<string>()
  for (const error of errors) {
    if (error.keyword === 'if' || error.keyword === 'propertyNames') continue
    const pointer = (error.instancePath + childOf(error)).slice(0, maxPointer)
    const code = codes.get(error.keyword) ?? error.keyword
    const key = `${code} ${pointer}`
    if (seen.has(key)) continue
    seen.add(key)
    out.push({ pointer, code })
    if (out.length === maxErrors) break
  }
  return out.length === 0
    ? [{ pointer: errors[0]?.instancePath ?? '', code: errors[0]?.keyword ?? 'schema' }]
    : out
}

/** The member that an error is about, where the error stands at the object around it. */
function childOf(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>
  const name =
    params['missingProperty'] ??
    params['additionalProperty'] ??
    params['unevaluatedProperty'] ??
    error.propertyName
  return typeof name === 'string' ? `/${pointerToken(name)}` : ''
}
