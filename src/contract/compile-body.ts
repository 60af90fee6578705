import type { QueryPair } from '../kernel/facts.ts'
import type { BodyContract, MediaContract, MediaKind } from '../kernel/operation.ts'
import type { SchemaError } from '../kernel/verdict.ts'
import type { DeclaredBody, DeclaredMedia } from './declared.ts'
import { judge, maxErrors, noErrors } from './judge.ts'
import { compileMediaFind } from './media-range.ts'
import { TooCostly } from './pattern.ts'
import { compileReadForm } from './read-form.ts'
import type { Shapes } from './shape.ts'
import { beginSteps } from './unit.ts'
import type { Validators } from './validators.ts'
import { findUndeclared } from './walk-shape.ts'

const prefix = '/body'

/** Compiles the request body of an operation. */
export function compileBody(body: DeclaredBody, validators: Validators, shapes: Shapes): BodyContract {
  return {
    required: body.required,
    find: compileMediaFind(
      body.media.map((m) => m.range),
      (index, kind) => compileMedia(body.media[index] as DeclaredMedia, kind, validators, shapes),
    ),
  }
}

function compileMedia(
  media: DeclaredMedia,
  kind: MediaKind,
  validators: Validators,
  shapes: Shapes,
): MediaContract {
  const { range, schema } = media
  const validate = compileValidate(media, validators, shapes)
  const readForm = compileReadForm(media, validators.store)
  return {
    range,
    kind,
    hasSchema: schema !== undefined,
    validate,
    readForm(pairs: readonly QueryPair[]) {
      const { value, errors } = readForm(pairs)
      return { value, errors: errors.length > 0 ? errors : validate(value) }
    },
  }
}

/** Errors of a value against the schema, and properties that nothing declares. */
function compileValidate(
  { schema }: DeclaredMedia,
  validators: Validators,
  shapes: Shapes,
): (value: unknown) => readonly SchemaError[] {
  if (schema === undefined) return () => noErrors
  const unit = validators.unit(schema, 'request')
  let shape: ReturnType<Shapes['of']>
  let shaped = false
  return (value) => {
    const errors = judge(unit, value, prefix)
    if (!shaped) {
      shape = shapes.of(schema)
      shaped = true
    }
    if (shape === undefined || errors.length >= maxErrors) return errors
    try {
      beginSteps()
      const undeclared = findUndeclared(shape, value, prefix)
      if (undeclared.length === 0) return errors
      return errors.length === 0 ? undeclared : merged(errors, undeclared)
    } catch (error) {
      if (error instanceof TooCostly) return [...errors, { pointer: prefix, code: 'tooComplex' }]
      throw error
    }
  }
}

function merged(errors: readonly SchemaError[], more: readonly SchemaError[]): readonly SchemaError[] {
  const seen = new Set(errors.map((e) => `${e.code} ${e.pointer}`))
  return [...errors, ...more.filter((e) => !seen.has(`${e.code} ${e.pointer}`))].slice(0, maxErrors)
}
