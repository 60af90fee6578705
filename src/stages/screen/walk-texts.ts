import { everyText, type TextPlan } from '../../kernel/text-plan.ts'

type Path = readonly (string | number)[]

/** Sees the texts of a value. What it returns stands in the text's place. */
export interface TextVisitor {
  /** A string; `free`: its schema lets it be any text. */
  text(text: string, free: boolean, path: Path): string
  /** The name of a member that no schema declares. */
  name?(name: string, path: Path): string
  /** A number, as a number or exactly. */
  number?(value: number | bigint, path: Path): number | bigint
  /** True where places that no attack fits in are of interest, too. */
  readonly all: boolean
}

/**
 * Visits the texts of a JSON value and puts in their place, in the value, what the visitor returns; types stay. True where
 * something changed. The value's depth was bounded when it was parsed.
 */
export function walkTexts(root: { value: unknown }, plan: TextPlan, visitor: TextVisitor): boolean {
  const walk = new Walk(visitor)
  const left = walk.value(root.value, plan, [])
  if (left === unchanged) return walk.changed
  root.value = left
  return true
}

/** The value stayed the one it was; what is below it may have changed. */
const unchanged: unique symbol = Symbol('unchanged')

class Walk {
  changed = false
  readonly #visitor: TextVisitor

  constructor(visitor: TextVisitor) {
    this.#visitor = visitor
  }

  value(value: unknown, plan: TextPlan, path: (string | number)[]): unknown {
    const visitor = this.#visitor
    if (typeof value === 'string') {
      const free = plan.text !== 'none'
      if (!free && !visitor.all) return unchanged
      const left = visitor.text(value, free, path)
      return left === value ? unchanged : left
    }
    if (typeof value === 'number' || typeof value === 'bigint') {
      if (visitor.number === undefined) return unchanged
      const left = visitor.number(value, path)
      return left === value ? unchanged : left
    }
    if (typeof value !== 'object' || value === null || (plan.quiet && !visitor.all)) return unchanged
    if (Array.isArray(value)) this.#list(value, plan, path)
    else this.#members(value as Record<string, unknown>, plan, path)
    return unchanged
  }

  #list(list: unknown[], plan: TextPlan, path: (string | number)[]): void {
    const { items } = plan
    const depth = path.length
    for (let i = 0; i < list.length; i++) {
      path[depth] = i
      const left = this.value(list[i], items, path)
      if (left !== unchanged) {
        list[i] = left
        this.changed = true
      }
    }
    path.length = depth
  }

  #members(object: Record<string, unknown>, plan: TextPlan, path: (string | number)[]): void {
    const depth = path.length
    for (const name of Object.keys(object)) {
      path[depth] = name
      const field = plan.field(name)
      const left = this.value(object[name], field ?? everyText, path)
      if (left !== unchanged) {
        object[name] = left
        this.changed = true
      }
      if (field === undefined && this.#visitor.name !== undefined) {
        const shown = this.#visitor.name(name, path)
        if (shown !== name) {
          const member = object[name]
          delete object[name]
          if (!Object.hasOwn(object, shown)) object[shown] = member
          this.changed = true
        }
      }
    }
    path.length = depth
  }
}
