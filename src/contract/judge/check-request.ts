import type { SchemaError } from '../../kernel/verdict.ts'
import { TooCostly } from '../pattern/pattern.ts'
import type { Schema } from '../schema.ts'
import { judge, maxErrors, noErrors } from './judge.ts'
import type { Shape } from './shape.ts'
import type { Shapes } from './shapes.ts'
import { beginSteps } from './unit.ts'
import type { Validators } from './validators.ts'
import { findUndeclared } from './walk-shape.ts'

/** What a value of a request is judged with. */
export interface RequestJudges {
  readonly validators: Validators
  readonly shapes: Shapes
}

/** Compiles the check of one value: its schema, and that nothing is in it that no schema declares. */
export function compileRequestCheck(
  schema: Schema | undefined,
  { validators, shapes }: RequestJudges,
  pointer: string,
): (value: unknown) => readonly SchemaError[] {
  if (schema === undefined) return () => noErrors
  const unit = validators.unit(schema, 'request')
  let shape: Shape | undefined
  let shaped = false
  return (value) => {
    const errors = judge(unit, value, pointer)
    if (typeof value !== 'object' || value === null) return errors
    if (!shaped) {
      shape = shapes.of(schema)
      shaped = true
    }
    if (shape === undefined || errors.length >= maxErrors) return errors
    try {
      beginSteps(value)
      const undeclared = findUndeclared(shape, value, pointer)
      if (undeclared.length === 0) return errors
      return errors.length === 0 ? undeclared : merged(errors, undeclared)
    } catch (error) {
      if (error instanceof TooCostly) return [...errors, { pointer, code: 'tooComplex' }]
      throw error
    }
  }
}

function merged(errors: readonly SchemaError[], more: readonly SchemaError[]): readonly SchemaError[] {
  const seen = new Set(errors.map((e) => `${e.code} ${e.pointer}`))
  return [...errors, ...more.filter((e) => !seen.has(`${e.code} ${e.pointer}`))].slice(0, maxErrors)
}
