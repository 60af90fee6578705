import type { Call, Scene } from './scene.ts'

/** A compiled piece of an expression: its value on a call, or a `Failure`. */
export type Reader = (call: Call, scene: Scene) => unknown

/** Steps that one evaluation may still take inside lists; reset by the expression that owns it. */
export interface Meter {
  left: number
}

/** How many list items one evaluation may visit in all its comprehensions together. */
export const maxSteps = 4096

/** What the compiler of closures knows at one place of an expression. */
export interface Scope {
  /** Variables bound by the macros around it. */
  readonly bound: ReadonlyMap<string, Reader>
  readonly meter: Meter
}

/** A reader, or undefined where the closures do not speak that part of the language. */
export type Compiled = Reader | undefined
