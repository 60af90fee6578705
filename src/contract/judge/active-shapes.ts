import type { Choice, Shape } from './shape.ts'
import type { JsonRecord } from './visitor.ts'

/** The shapes with those of the alternatives that apply to this value. */
export function active(shapes: readonly Shape[], value: object): readonly Shape[] {
  let all: Shape[] | undefined
  for (let i = 0; i < (all ?? shapes).length; i++) {
    const shape = (all ?? shapes)[i]
    if (shape === undefined || shape.choices.length === 0) continue
    all ??= [...shapes]
    for (const choice of shape.choices) choose(choice, value, all)
  }
  return all ?? shapes
}

function choose(choice: Choice, value: object, into: Shape[]): void {
  const add = (shape: Shape): void => {
    if (!into.includes(shape)) into.push(shape)
  }
  switch (choice.kind) {
    case 'tag': {
      const tag = Object.hasOwn(value, choice.property) ? (value as JsonRecord)[choice.property] : undefined
      const shape = typeof tag === 'string' ? choice.tags.get(tag) : undefined
      if (shape !== undefined) add(shape())
      else if (choice.strict) for (const any of choice.tags.values()) add(any())
      return
    }
    case 'any': {
      const valid = choice.branches.filter(({ unit }) => unit.run(value))
      // None: the value is not what the contract says; what any alternative declares is declared.
      for (const { shape } of valid.length > 0 ? valid : choice.branches) add(shape)
      return
    }
    case 'if': {
      const holds = choice.unit.run(value)
      if (holds) add(choice.when)
      add(holds ? choice.then : choice.otherwise)
      return
    }
    case 'dependent':
      if (Object.hasOwn(value, choice.property)) add(choice.shape)
  }
}
