import { isFailure } from '../../expression/failure.ts'
import type { Scene } from '../../expression/scene.ts'
import type { Identified } from '../../kernel/facts.ts'
import type { PropertyVerdict, PropertyView } from '../../kernel/property-view.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import type { CompiledProperty, PropertyCondition } from './property-rule.ts'

export const propertyCheck = 'authorize.property'

/** What is known of the object that a call is about. */
export interface CallObject {
  readonly id: string | undefined
  readonly owner: string | undefined
}

const unknownObject: CallObject = Object.freeze({ id: undefined, owner: undefined })

/** What one call may read, or write, of the guarded properties of its operation. */
class CallProperties implements PropertyView {
  removed = 0
  denial: Denial | undefined
  readonly #rules: readonly CompiledProperty[]
  readonly #direction: 'read' | 'write'
  readonly #call: Identified
  readonly #body: unknown
  /** The owner of the whole value, by the rule of that guard. */
  readonly #rootOf: (guard: number) => CallObject
  /** By guard; undefined where it depends on the object. */
  readonly #fixed: ReadonlyMap<number, boolean | undefined>
  readonly #noted = new Set<number>()

  constructor(
    rules: readonly CompiledProperty[],
    direction: 'read' | 'write',
    call: Identified,
    body: unknown,
    rootOf: (guard: number) => CallObject,
    fixed: ReadonlyMap<number, boolean | undefined>,
  ) {
    this.#rules = rules
    this.#direction = direction
    this.#call = call
    this.#body = body
    this.#rootOf = rootOf
    this.#fixed = fixed
  }

  decide(guard: number, object: object, root: boolean): PropertyVerdict {
    const rule = this.#rules[guard]
    const condition = rule?.[this.#direction]
    if (rule === undefined || condition === undefined || rule.mode === 'off') return 'pass'
    // A guard that was not foreseen for the operation is asked as if it varied.
    if (this.#fixed.get(guard) ?? this.#holds(rule, condition, guard, object, root)) return 'pass'
    const watched = rule.mode === 'observe'
    this.#note(guard, rule, condition, watched)
    if (watched) return 'pass'
    if (condition.refused === 'remove') {
      this.removed++
      return 'remove'
    }
    this.denial ??= deny('AUTHORIZE_PROPERTY', propertyCheck, `${rule.name} may not be ${this.#verb}`)
    return 'refuse'
  }

  misplaced(root: boolean): PropertyVerdict {
    const denial = this.blind()
    if (denial === undefined) return 'pass'
    if (root || this.#direction === 'write') {
      this.denial ??= denial
      return 'refuse'
    }
    this.removed++
    return 'remove'
  }

  blind(): Denial | undefined {
    for (const [guard, holds] of this.#fixed) {
      const rule = this.#rules[guard]
      if (holds === true || rule?.mode !== 'enforce') continue
      return this.#direction === 'read'
        ? deny('SCREEN_SCHEMA', propertyCheck, `the reply cannot be searched for ${rule.name}`)
        : deny('AUTHORIZE_PROPERTY', propertyCheck, `the body cannot be searched for ${rule.name}`)
    }
    return undefined
  }

  get #verb(): string {
    return this.#direction === 'read' ? 'read' : 'written'
  }

  #holds(
    rule: CompiledProperty,
    { expression }: PropertyCondition,
    guard: number,
    object: object,
    root: boolean,
  ): boolean {
    if (expression === 'never') return false
    const read = this.#direction === 'read'
    let known = root ? this.#rootOf(guard) : unknownObject
    const response = read ? object : undefined
    const body = read ? undefined : this.#body
    if (response !== undefined && rule.owner !== undefined) {
      // What the object itself says goes before what the call says about it.
      const owner = rule.owner.ownerOf(this.#call, { body, object: undefined, response }, undefined)
      known = { id: known.id, owner: isFailure(owner) ? undefined : owner }
    }
    return expression.holds(this.#call, { body, object: known, response })
  }

  #note(guard: number, rule: CompiledProperty, { refused }: PropertyCondition, watched: boolean): void {
    if (this.#noted.has(guard)) return
    this.#noted.add(guard)
    const deny = watched || refused === 'refuse'
    this.#call.trail.note(
      this.#direction === 'read' ? 'screen' : 'inspect',
      propertyCheck,
      deny ? 'deny' : 'allow',
      deny ? 'AUTHORIZE_PROPERTY' : undefined,
      deny ? `${rule.name} may not be ${this.#verb}` : `${rule.name} taken out`,
      watched,
    )
  }
}

/** The view of one call; undefined where nothing of what is guarded is refused to it. */
export function propertiesOf(
  rules: readonly CompiledProperty[],
  guards: readonly number[],
  direction: 'read' | 'write',
  call: Identified,
  body: unknown,
  rootOf: (guard: number) => CallObject,
): PropertyView | undefined {
  const fixed = new Map<number, boolean | undefined>()
  const scene: Scene = { body, object: undefined, response: undefined }
  let all = true
  for (const guard of guards) {
    const condition = rules[guard]?.[direction]
    if (condition === undefined) continue
    const { expression, varies } = condition
    const holds = varies ? undefined : expression !== 'never' && expression.holds(call, scene)
    if (holds !== true) all = false
    fixed.set(guard, holds)
  }
  return all ? undefined : new CallProperties(rules, direction, call, body, rootOf, fixed)
}
