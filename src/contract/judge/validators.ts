import type { ErrorObject, ValidateFunction } from 'ajv'
import type { Ajv2020 } from 'ajv/dist/2020.js'
import { isObject, type JsonObject, type Schema } from '../schema.ts'
import { collectFlagged, isFlagged } from '../schemas/direction-flag.ts'
import { Dispatch, discriminationOf, propertyOf } from '../schemas/discriminator.ts'
import { type Direction, type LowerContext, lowerSchema, type Sense } from '../schemas/lower-schema.ts'
import type { Resource, SchemaStore } from '../schemas/schema-store.ts'
import { isSensitive } from '../schemas/sensitive.ts'
import { createAjv } from './ajv.ts'
import { below, takeStep, type Unit } from './unit.ts'

const maxSharedText = 2_000
const prototypeNames = new Set(Object.getOwnPropertyNames(Object.prototype))

interface Lowered {
  readonly schema: Schema
  /** Shared with every unit that says the same. */
  readonly compiled: { fast?: ValidateFunction; full?: ValidateFunction }
  readonly ownProperties: boolean
  readonly unevaluated: boolean
}

/**
 * Validators of a contract's schemas. A schema is compiled once, on first use, and called by every other one
 * that refers to it; nothing is written out twice.
 */
export class Validators {
  readonly store: SchemaStore
  readonly #units: Unit[] = []
  readonly #index = new Map<JsonObject, Map<string, number>>()
  readonly #dispatches = new Map<JsonObject, Map<string, number | undefined>>()
  readonly #visible = new Map<string, JsonObject>()
  readonly #ajvs = new Map<string, Ajv2020>()
  readonly #shared = new Map<string, Lowered['compiled']>()
  readonly #scopes = new Map<Resource, number>()
  readonly #context: LowerContext
  #next = 0

  constructor(store: SchemaStore) {
    this.store = store
    this.#context = {
      size: 0,
      store,
      unitOf: (target, sense) => this.#unitIndex(target, sense),
      idOf: (target, sense) => this.#visibleId(target, sense),
      dispatchOf: (node, sense) => this.#dispatchIndex(node, sense),
      relaxed: (node, direction) => this.#relaxedNames(node, direction),
    }
  }

  /** The validator of a schema that stands on its own. */
  unit(schema: Schema, direction: Direction): Unit {
    const node = typeof schema === 'boolean' ? { allOf: [schema] } : schema
    const index = this.#unitIndex(node, { direction, scope: [], visible: false, heirs: true })
    return this.#units[index] as Unit
  }

  /** Compiles what was asked for so far, in order of asking, until the deadline (`performance.now()`). Returns what is left. */
  compile(deadline: number): number {
    for (; this.#next < this.#units.length; this.#next++) {
      if (performance.now() > deadline) break
      const unit = this.#units[this.#next]
      if (unit instanceof CompiledUnit) unit.compile()
    }
    return this.#units.length - this.#next
  }

  #unitIndex(node: JsonObject, sense: Sense): number {
    const key = this.#keyOf(sense)
    let senses = this.#index.get(node)
    if (senses === undefined) {
      senses = new Map()
      this.#index.set(node, senses)
    }
    let index = senses.get(key)
    if (index === undefined) {
      index = this.#units.length
      senses.set(key, index)
      this.#units.push(
        new CompiledUnit(
          () => this.#lower(node, sense),
          (lowered, all) => this.#compile(lowered, all),
        ),
      )
    }
    return index
  }

  #keyOf(sense: Sense): string {
    const scope = sense.scope.map((resource) => {
      const known = this.#scopes.get(resource) ?? this.#scopes.size
      this.#scopes.set(resource, known)
      return known
    })
    const direction = this.store.directed ? sense.direction : ''
    return `${direction}${sense.heirs ? '' : '-'}${sense.visible ? '+' : ''}${scope.join(',')}`
  }

  #lower(node: JsonObject, sense: Sense): Lowered {
    this.#context.size = 0
    const schema = lowerSchema(node, sense, this.#context)
    const text = JSON.stringify(schema)
    let compiled = text.length <= maxSharedText ? this.#shared.get(text) : undefined
    if (compiled === undefined) {
      compiled = {}
      if (text.length <= maxSharedText) this.#shared.set(text, compiled)
    }
    return {
      schema,
      compiled,
      ownProperties: [...prototypeNames].some((name) => text.includes(`"${name}"`)),
      unevaluated: text.includes('"unevaluated'),
    }
  }

  #compile(lowered: Lowered, allErrors: boolean): ValidateFunction {
    const known = allErrors ? lowered.compiled.full : lowered.compiled.fast
    if (known !== undefined) return known
    const { ownProperties, unevaluated } = lowered
    const key = `${allErrors}${ownProperties}${unevaluated}`
    let ajv = this.#ajvs.get(key)
    if (ajv === undefined) {
      ajv = createAjv({ allErrors, ownProperties, unevaluated }, this.#units)
      this.#ajvs.set(key, ajv)
    }
    if (unevaluated)
      for (const [id, schema] of this.#visible) if (ajv.schemas[id] === undefined) ajv.addSchema(schema, id)
    const validate = ajv.compile(lowered.schema)
    if (allErrors) lowered.compiled.full = validate
    else lowered.compiled.fast = validate
    return validate
  }

  #visibleId(target: JsonObject, sense: Sense): string {
    const index = this.#unitIndex(target, sense)
    const id = `u${index}`
    if (!this.#visible.has(id)) {
      this.#visible.set(id, {})
      const lowered = lowerSchema(target, sense, this.#context)
      this.#visible.set(id, typeof lowered === 'boolean' ? { allOf: [lowered] } : lowered)
    }
    return id
  }

  #dispatchIndex(node: JsonObject, sense: Sense): number | undefined {
    if (propertyOf(node) === undefined) return undefined
    const key = this.#keyOf(sense)
    let senses = this.#dispatches.get(node)
    if (senses === undefined) {
      senses = new Map()
      this.#dispatches.set(node, senses)
    }
    if (senses.has(key)) return senses.get(key)
    const dispatch = this.#dispatchOf(node, sense)
    const index = dispatch === undefined ? undefined : this.#units.push(dispatch) - 1
    senses.set(key, index)
    return index
  }

  #dispatchOf(node: JsonObject, sense: Sense): Dispatch | undefined {
    const written = discriminationOf(node, this.store)
    if (written !== undefined) {
      const tags = new Map<string, Unit>()
      for (const [tag, target] of written.tags) tags.set(tag, this.#unit(target, sense))
      const others = written.others.map((schema) =>
        this.#unit(isObject(schema) ? schema : { allOf: [schema] }, sense),
      )
      return new Dispatch(written.property, tags, others, true)
    }
    const heirs = sense.heirs ? this.store.heirs.get(node) : undefined
    const property = propertyOf(node)
    if (heirs === undefined || property === undefined) return undefined
    const tags = new Map<string, Unit>()
    for (const [tag, heir] of heirs) tags.set(tag, this.#unit(heir, { ...sense, heirs: false }))
    return new Dispatch(property, tags, [], false)
  }

  #unit(node: JsonObject, sense: Sense): Unit {
    return this.#units[this.#unitIndex(node, sense)] as Unit
  }

  #relaxedNames(node: JsonObject, direction: Direction): ReadonlySet<string> | undefined {
    if (!this.store.directed) return undefined
    const flag = direction === 'request' ? 'readOnly' : 'writeOnly'
    const names = new Set<string>()
    const { store } = this
    const is = (schema: Schema): boolean =>
      isFlagged(schema, flag, store) ||
      (store.sensitive && direction === 'reply' && isSensitive(schema, store))
    collectFlagged(node, is, store, names, new Set())
    return names.size === 0 ? undefined : names
  }
}

class CompiledUnit implements Unit {
  readonly #lower: () => Lowered
  readonly #compile: (lowered: Lowered, all: boolean) => ValidateFunction
  #lowered: Lowered | undefined
  #fast: ValidateFunction | undefined
  #full: ValidateFunction | undefined

  constructor(lower: () => Lowered, compile: (lowered: Lowered, all: boolean) => ValidateFunction) {
    this.#lower = lower
    this.#compile = compile
  }

  compile(): ValidateFunction {
    this.#lowered ??= this.#lower()
    this.#fast ??= this.#compile(this.#lowered, false)
    return this.#fast
  }

  run(value: unknown): boolean {
    takeStep()
    return (this.#fast ?? this.compile())(value) as boolean
  }

  runAll(value: unknown): boolean {
    takeStep()
    if (this.#full === undefined) {
      this.#lowered ??= this.#lower()
      this.#full = this.#compile(this.#lowered, true)
    }
    return this.#full(value) as boolean
  }

  errors(prefix: string): readonly ErrorObject[] {
    return below(this.#fast?.errors, prefix)
  }

  errorsAll(prefix: string): readonly ErrorObject[] {
    return below(this.#full?.errors, prefix)
  }
}
