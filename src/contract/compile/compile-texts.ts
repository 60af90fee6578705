import { everyText, type HeadTexts, noText, type TextPlan } from '../../kernel/text-plan.ts'
import type { DeclaredParameter } from '../declared.ts'
import { isObject, type JsonObject, own, type Schema } from '../schema.ts'
import { kindsOf } from '../schemas/kinds.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'
import { textOf } from './carries-text.ts'

const plans = new WeakMap<JsonObject, TextPlan>()

/** Compiles what a schema says about the texts of its values, lazily: schemas may be recursive. */
export function compileTexts(schema: Schema | undefined, store: SchemaStore): TextPlan {
  if (schema === false) return noText
  if (!isObject(schema)) return everyText
  let plan = plans.get(schema)
  if (plan === undefined) {
    plan = new SchemaTexts(schema, store)
    plans.set(schema, plan)
  }
  return plan
}

/** Texts of the declared parameters. */
export function compileHeadTexts(parameters: readonly DeclaredParameter[], store: SchemaStore): HeadTexts {
  const of = (place: DeclaredParameter['in']): ReadonlyMap<string, TextPlan> =>
    new Map(
      parameters
        .filter((p) => p.in === place)
        .map((p) => [place === 'header' ? p.name.toLowerCase() : p.name, parameterText(p, store)]),
    )
  return { path: of('path'), query: of('query'), header: of('header'), cookie: of('cookie') }
}

/** A parameter is one text, whatever its style makes of it: harmless where all its parts are. */
function parameterText(parameter: DeclaredParameter, store: SchemaStore): TextPlan {
  if (parameter.json) return everyText
  const plan = compileTexts(parameter.schema, store)
  if (plan.text !== 'none') return plan
  return plan.quiet ? noText : everyText
}

class SchemaTexts implements TextPlan {
  readonly text: TextPlan['text']
  readonly #schema: JsonObject
  readonly #store: SchemaStore
  #fields: Map<string, TextPlan> | undefined
  #items: TextPlan | undefined
  #quiet: boolean | undefined

  constructor(schema: JsonObject, store: SchemaStore) {
    this.#schema = schema
    this.#store = store
    this.text = textOf(schema, store)
  }

  field(name: string): TextPlan | undefined {
    this.#fields ??= this.#collectFields()
    return this.#fields.get(name)
  }

  get items(): TextPlan {
    if (this.#items === undefined) {
      const found = lookItems(this.#schema, this.#store, new Set())
      this.#items = found === undefined ? everyText : compileTexts(found, this.#store)
    }
    return this.#items
  }

  get quiet(): boolean {
    if (this.#quiet === undefined) {
      // Objects bring names of their own; a list is as quiet as its elements.
      this.#quiet = false
      this.#quiet = this.text === 'none' && isScalarOrQuietList(this.#schema, this.#store, this)
    }
    return this.#quiet
  }

  #collectFields(): Map<string, TextPlan> {
    const fields = new Map<string, TextPlan>()
    collect(this.#schema, this.#store, fields, new Set(), false)
    return fields
  }
}

/** Properties that always hold win over those of alternatives: another alternative may let anything stand there. */
function collect(
  node: JsonObject,
  store: SchemaStore,
  fields: Map<string, TextPlan>,
  seen: Set<JsonObject>,
  branch: boolean,
): void {
  if (seen.has(node)) return
  seen.add(node)
  const properties = own(node, 'properties')
  if (isObject(properties))
    for (const [name, schema] of Object.entries(properties)) {
      const plan = compileTexts(schema as Schema, store)
      const before = fields.get(name)
      if (branch) {
        if (before === undefined) fields.set(name, everyText)
      } else if (before === undefined || before === everyText || plan.text === 'none') fields.set(name, plan)
    }
  const parts: (Schema | undefined)[] = [store.targets.get(node)]
  const all = own(node, 'allOf')
  if (Array.isArray(all)) parts.push(...(all as Schema[]))
  for (const part of parts) if (isObject(part)) collect(part, store, fields, seen, branch)
  for (const keyword of ['anyOf', 'oneOf']) {
    const list = own(node, keyword)
    if (!Array.isArray(list)) continue
    const nested = (list as Schema[]).filter((one) => kindsOf(one, store).has('object'))
    // `T or null`: what is an object is a T.
    for (const one of nested)
      if (isObject(one)) collect(one, store, fields, new Set(seen), nested.length > 1 || branch)
  }
}

function lookItems(node: JsonObject, store: SchemaStore, seen: Set<JsonObject>): Schema | undefined {
  if (seen.has(node)) return undefined
  seen.add(node)
  if (own(node, 'prefixItems') !== undefined || own(node, 'unevaluatedItems') !== undefined) return undefined
  const items = own(node, 'items') as Schema | undefined
  if (items !== undefined) return items
  const parts: (Schema | undefined)[] = [store.targets.get(node)]
  const all = own(node, 'allOf')
  if (Array.isArray(all)) parts.push(...(all as Schema[]))
  for (const part of parts) {
    const found = isObject(part) ? lookItems(part, store, seen) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function isScalarOrQuietList(schema: JsonObject, store: SchemaStore, plan: TextPlan): boolean {
  const kinds = kindsOf(schema, store)
  if (kinds.has('object')) return Array.isArray(own(schema, 'enum')) || Object.hasOwn(schema, 'const')
  return !kinds.has('array') || plan.items.quiet
}
