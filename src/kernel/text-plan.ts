/**
 * What a string may be: proven harmless, any text, a URL, or a secret such as a password, which may hold any signs.
 */
export type TextKind = 'none' | 'free' | 'url' | 'secret'

/**
 * Which texts at a place of a value can carry an attack, as its schema says. Holds for values that the schema was
 * enforced on; where it was not, use `everyText`.
 */
export interface TextPlan {
  readonly text: TextKind
  /** True where no string and no key at or below this place can carry anything. */
  readonly quiet: boolean
  /** Plan of a declared property; undefined: not declared, so that its name is a text, too. */
  field(name: string): TextPlan | undefined
  /** Plan of the elements of a list. */
  readonly items: TextPlan
}

/** Texts of the head, by declared name; header names are lower-case. */
export interface HeadTexts {
  readonly path: ReadonlyMap<string, TextPlan>
  readonly query: ReadonlyMap<string, TextPlan>
  readonly header: ReadonlyMap<string, TextPlan>
  readonly cookie: ReadonlyMap<string, TextPlan>
}

/** Nothing is known: every string and every key is a text. */
export const everyText: TextPlan = {
  text: 'free',
  quiet: false,
  field: () => undefined,
  get items() {
    return everyText
  },
}

/** Nothing here can carry an attack. */
export const noText: TextPlan = {
  text: 'none',
  quiet: true,
  field: () => noText,
  get items() {
    return noText
  },
}

const noPlans: ReadonlyMap<string, TextPlan> = new Map()

/** A head of which nothing is declared. */
export const undeclaredHead: HeadTexts = {
  path: noPlans,
  query: noPlans,
  header: noPlans,
  cookie: noPlans,
}
