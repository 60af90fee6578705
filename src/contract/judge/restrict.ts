import type { PropertyView } from '../../kernel/property-view.ts'
import { TooCostly } from '../pattern/pattern.ts'
import type { Schema } from '../schema.ts'
import type { Shape } from './shape.ts'
import type { Shapes } from './shapes.ts'
import { beginSteps } from './unit.ts'
import { restrictValue } from './walk-shape.ts'

/** Compiles what takes guarded properties out of the values of a schema. A value that cannot be judged is a fault. */
export function compileRestrict(
  schema: Schema | undefined,
  shapes: Shapes,
): (value: unknown, view: PropertyView, exact: unknown) => void {
  let shape: Shape | undefined
  let shaped = false
  return (value, view, exact) => {
    if (!shaped) {
      shape = shapes.of(schema)
      shaped = true
    }
    if (shape === undefined) return
    try {
      beginSteps(value)
      restrictValue(shape, value, view, exact)
    } catch (error) {
      if (error instanceof TooCostly) throw new Error('the value takes too many steps to restrict')
      throw error
    }
  }
}
