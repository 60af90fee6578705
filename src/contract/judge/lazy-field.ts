import { type Field, isTrivial, type Shape } from './shape.ts'

export class LazyField implements Field {
  readonly foreign: boolean
  readonly sensitive: boolean
  readonly scalar = false
  readonly nested: boolean
  #make: (() => Shape) | undefined
  #shape: Shape | undefined

  constructor(foreign: boolean, sensitive: boolean, nested: boolean, make: () => Shape) {
    this.foreign = foreign
    this.sensitive = sensitive
    this.nested = nested
    this.#make = make
  }

  get shape(): Shape | undefined {
    if (this.#make !== undefined) {
      const shape = this.#make()
      this.#make = undefined
      this.#shape = isTrivial(shape) ? undefined : shape
    }
    return this.#shape
  }
}
