import type { Matcher } from '../pattern/pattern.ts'
import type { Guards } from './guarded.ts'
import type { Unit } from './unit.ts'

/** What schemas declare about one place of a value: which properties it may have, and what is below. */
export interface Shape {
  /** True when a property or pattern is declared: what is not declared is then undeclared. */
  readonly describes: boolean
  /** True when further properties are allowed in so many words. */
  readonly open: boolean
  readonly fields: ReadonlyMap<string, Field>
  readonly patterns: readonly { readonly matcher: Matcher; readonly field: Field }[]
  /** Schemas of properties that no name and no pattern declares. */
  readonly rest: readonly Field[]
  readonly prefix: readonly Field[]
  readonly items: Field | undefined
  readonly choices: readonly Choice[]
  /** Properties that a rule guards because of the component schemas that stand here. */
  readonly guards: Guards | undefined
}

/** A property or element. */
export interface Field {
  /** Travels in the other direction alone. */
  readonly foreign: boolean
  /** Never leaves, whoever asks; false in requests. */
  readonly sensitive: boolean
  /** True where neither an object nor a list may stand. */
  readonly scalar: boolean
  /** True where only an object, a list or null may stand. */
  readonly nested: boolean
  /** Undefined where nothing below can be undeclared. */
  readonly shape: Shape | undefined
}

/** Alternatives: which of them apply depends on the value. */
export type Choice =
  | { readonly kind: 'any'; readonly branches: readonly { readonly unit: Unit; readonly shape: Shape }[] }
  | {
      readonly kind: 'tag'
      readonly strict: boolean
      readonly property: string
      readonly tags: ReadonlyMap<string, () => Shape>
    }
  | {
      readonly kind: 'if'
      readonly unit: Unit
      readonly when: Shape
      readonly then: Shape
      readonly otherwise: Shape
    }
  | { readonly kind: 'dependent'; readonly property: string; readonly shape: Shape }

/** True when no value can have anything undeclared at or below this place. */
export function isTrivial(shape: Shape): boolean {
  return (
    !shape.describes &&
    !shape.open &&
    shape.rest.length === 0 &&
    shape.prefix.length === 0 &&
    shape.items === undefined &&
    shape.choices.length === 0 &&
    shape.guards === undefined
  )
}
