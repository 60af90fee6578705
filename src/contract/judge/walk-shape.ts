import type { PropertyView } from '../../kernel/property-view.ts'
import type { SchemaError } from '../../kernel/verdict.ts'
import { pointerToken } from '../schema.ts'
import { active } from './active-shapes.ts'
import { maxErrors } from './judge.ts'
import { restrict } from './restrict-object.ts'
import type { Field, Shape } from './shape.ts'
import type { JsonRecord, Visitor } from './visitor.ts'

/** Properties of a request that the contract does not declare, or declares `readOnly`. */
export function findUndeclared(shape: Shape, value: unknown, prefix: string): SchemaError[] {
  const errors: SchemaError[] = []
  walk([shape], value, value, [], {
    view: undefined,
    found(_object, _exact, key, foreign, path) {
      const pointer = `${prefix}${path.map((token) => `/${pointerToken(token)}`).join('')}/${pointerToken(key)}`
      errors.push({ pointer: pointer.slice(0, 300), code: foreign ? 'readOnly' : 'undeclared' })
      return errors.length < maxErrors
    },
  })
  return errors
}

const nothingRemoved: readonly string[] = Object.freeze([])

/**
 * Removes from a reply, in place, what the contract does not declare or declares `writeOnly`, and the guarded properties
 * that `view` takes out; from `exact`, which has the same structure, too. Returns the pointers of what is undeclared,
 * array indexes as `*`, without repeats.
 */
export function pruneValue(
  shape: Shape,
  value: unknown,
  view?: PropertyView,
  exact: unknown = value,
): readonly string[] {
  let removed: Set<string> | undefined
  begin(shape, value, exact, {
    view,
    conceals: true,
    found(object, twin, key, _foreign, path) {
      delete object[key]
      if (twin !== object) delete twin[key]
      removed ??= new Set()
      if (removed.size < 1_000)
        removed.add(
          `${path.map((token) => (typeof token === 'number' ? '/*' : `/${pointerToken(token)}`)).join('')}/${pointerToken(key)}`,
        )
      return true
    },
  })
  return removed === undefined ? nothingRemoved : [...removed]
}

/** Removes from a reply, in place, only what never leaves; true where there was something. */
export function concealValue(shape: Shape, value: unknown, exact: unknown): boolean {
  let concealed = false
  begin(shape, value, exact, {
    view: undefined,
    conceals: true,
    only: true,
    found(object, twin, key) {
      delete object[key]
      if (twin !== object) delete twin[key]
      concealed = true
      return true
    },
  })
  return concealed
}

/** Takes only guarded properties out, as `view` decides, of both values. */
export function restrictValue(shape: Shape, value: unknown, view: PropertyView, exact: unknown): void {
  begin(shape, value, exact, { view, found: () => true })
}

function begin(shape: Shape, value: unknown, exact: unknown, visitor: Visitor): void {
  if (walk([shape], value, exact, [], visitor) === 'misfit') visitor.view?.misplaced(true)
}

/** Goes on, stops, or has found a value that is not built as its shapes say (only where there is a view). */
type Step = boolean | 'misfit'

function walk(
  shapes: readonly Shape[],
  value: unknown,
  exact: unknown,
  path: (string | number)[],
  visitor: Visitor,
): Step {
  if (typeof value !== 'object' || value === null) return true
  const applying = active(shapes, value)
  if (visitor.view !== undefined && isMisfit(applying, value)) return 'misfit'
  if (Array.isArray(value)) return walkArray(applying, value, exact as unknown[], path, visitor)
  return walkObject(applying, value as JsonRecord, exact as JsonRecord, path, visitor)
}

/** True where the shapes speak of lists alone and the value is an object, or the other way round. */
function isMisfit(shapes: readonly Shape[], value: object): boolean {
  let lists = false
  let objects = false
  for (const shape of shapes) {
    if (shape.items !== undefined || shape.prefix.length > 0) lists = true
    if (
      shape.describes ||
      shape.open ||
      shape.guards !== undefined ||
      shape.rest.length > 0 ||
      shape.patterns.length > 0
    )
      objects = true
  }
  return Array.isArray(value) ? objects && !lists : lists && !objects
}

function walkArray(
  shapes: readonly Shape[],
  value: unknown[],
  exact: unknown[],
  path: (string | number)[],
  visitor: Visitor,
): boolean {
  for (let i = 0; i < value.length; i++) {
    const item = value[i]
    if (item === null) continue
    const below = shapesBelow(shapes, (shape) => shape.prefix[i] ?? shape.items)
    let step: Step = true
    if (typeof item !== 'object') {
      if (visitor.view === undefined || !isNestedItem(shapes, i)) continue
      step = 'misfit'
    } else if (below !== undefined) {
      path.push(i)
      step = walk(below, item, exact[i], path, visitor)
      path.pop()
    } else if (visitor.view !== undefined && isScalarItem(shapes, i)) step = 'misfit'
    if (step === 'misfit') {
      const verdict = visitor.view?.misplaced(false)
      if (verdict === 'refuse') return false
      if (verdict === 'remove') {
        // Its neighbours keep their places.
        value[i] = null
        exact[i] = null
      }
    } else if (!step) return false
  }
  return true
}

function isScalarItem(shapes: readonly Shape[], index: number): boolean {
  return shapes.some((shape) => (shape.prefix[index] ?? shape.items)?.scalar === true)
}

function isNestedItem(shapes: readonly Shape[], index: number): boolean {
  return shapes.some((shape) => (shape.prefix[index] ?? shape.items)?.nested === true)
}

function shapesBelow(
  shapes: readonly Shape[],
  fieldOf: (shape: Shape) => Field | undefined,
): Shape[] | undefined {
  let below: Shape[] | undefined
  for (const shape of shapes) {
    const inner = fieldOf(shape)?.shape
    if (inner === undefined) continue
    if (below === undefined) below = [inner]
    else below.push(inner)
  }
  return below
}

function walkObject(
  shapes: readonly Shape[],
  object: JsonRecord,
  exact: JsonRecord,
  path: (string | number)[],
  visitor: Visitor,
): boolean {
  const { view } = visitor
  let open = false
  let describes = false
  let guarded = false
  for (const shape of shapes) {
    open ||= shape.open
    describes ||= shape.describes
    guarded ||= shape.guards !== undefined
  }
  if (guarded && view !== undefined && !restrict(shapes, object, exact, path.length === 0, visitor))
    return false
  if (!describes && !open && shapes.length === 0) return true
  for (const key of Object.keys(object)) {
    let declared = false
    let foreign = false
    let sensitive = false
    let scalar = false
    let nested = false
    let below: Shape[] | undefined
    for (const shape of shapes) {
      const field = shape.fields.get(key)
      if (field !== undefined) {
        declared = true
        foreign ||= field.foreign
        sensitive ||= field.sensitive
        scalar ||= field.scalar
        nested ||= field.nested
        const inner = field.shape
        if (inner !== undefined) {
          if (below === undefined) below = [inner]
          else below.push(inner)
        }
        continue
      }
      if (shape.patterns.length === 0 && shape.rest.length === 0) continue
      for (const field of extraFields(shape, key)) {
        declared = true
        foreign ||= field.foreign
        sensitive ||= field.sensitive
        scalar ||= field.scalar
        nested ||= field.nested
        if (field.shape !== undefined) below = [...(below ?? []), field.shape]
      }
    }
    const gone = sensitive && visitor.conceals === true
    if (gone || (visitor.only !== true && (foreign || (!declared && describes && !open)))) {
      if (!visitor.found(object, exact, key, foreign, path)) return false
      continue
    }
    if (below === undefined && ((!scalar && !nested) || view === undefined)) continue
    const child = object[key]
    if (child === null) continue
    let step: Step = 'misfit'
    if (typeof child !== 'object') {
      // An object that stands in the place of a map shows its scalars where the contract has only objects.
      if (!nested || view === undefined) continue
    } else if (below === undefined) {
      if (!scalar) continue
    } else {
      path.push(key)
      step = walk(below, child, exact[key], path, visitor)
      path.pop()
    }
    if (step === 'misfit') {
      const verdict = view?.misplaced(false)
      if (verdict === 'refuse') return false
      if (verdict === 'remove') {
        delete object[key]
        if (exact !== object) delete exact[key]
      }
    } else if (!step) return false
  }
  return true
}

function extraFields(shape: Shape, key: string): readonly Field[] {
  const fields: Field[] = []
  for (const { matcher, field } of shape.patterns) if (matcher.test(key)) fields.push(field)
  return fields.length > 0 ? fields : shape.rest
}
