import type { ObjectIds, ParameterId } from '../contract/objects/id-map.ts'
import { memberOf } from '../contract/objects/object-ids.ts'
import type { Operation } from '../kernel/operation.ts'

/** A rule for one object type, as a contract implies it. */
export interface GuessedObject {
  readonly name: string
  /** Parameters that name one: `path.userId`. */
  readonly ids: readonly string[]
  /** Operations that have it, by id. */
  readonly operations: readonly string[]
  /**
   * `own`: the id is the caller’s, so the call itself tells the owner. `learned`: replies give it, so that what was not
   * given is foreign. `guess`: only its author can tell.
   */
  readonly rule: 'own' | 'learned' | 'guess'
  /** Why it is a guess. */
  readonly reason: string
}

/** Types whose id is usually the subject of the caller’s token. */
const callers = /^(?:user|profile|traveller|traveler|player|patient|student|employee|subscriber|member)$/
/** Operations of staff touch everybody's objects. */
const staff = /(^|[^a-z])(admin|internal|staff|backoffice|support)([^a-z]|$)/i

export function isStaffOperation(operation: Operation): boolean {
  return staff.test(operation.template) || operation.tags.some((tag) => staff.test(tag))
}

interface Found {
  readonly ids: Map<string, ParameterId>
  readonly operations: Set<string>
  guarded: boolean
}

/** Every object type that requests name, with the rule for it. Ownership by the caller’s own id first. */
export function guessObjects(operations: readonly Operation[], ids: ObjectIds): readonly GuessedObject[] {
  const found = new Map<string, Found>()
  const given = new Set<string>()
  for (const operation of operations) {
    for (const { type, place, confidence } of ids.places(operation.slot))
      if (/^reply (?:2|default)/.test(place) && confidence !== 'guess') given.add(type)
    const parts = ids.operations.get(operation.slot)
    if (parts?.creates !== undefined) given.add(parts.creates)
    const isPublic = operation.security.length === 0 && operation.securityDeclared
    for (const parameter of parts?.parameters ?? []) {
      const known = found.get(parameter.type) ?? { ids: new Map(), operations: new Set(), guarded: false }
      found.set(parameter.type, known)
      known.ids.set(`${parameter.in}${memberOf(parameter.name)}`, better(known, parameter))
      if (isPublic || isStaffOperation(operation)) continue
      known.guarded = true
      known.operations.add(operation.id)
    }
  }
  const names = new Set<string>()
  return [...found].flatMap(([type, one]) => guessesOf(type, one, given.has(type), names))
}

function better(found: Found, parameter: ParameterId): ParameterId {
  const known = found.ids.get(`${parameter.in}${memberOf(parameter.name)}`)
  return known !== undefined && known.confidence !== 'guess' ? known : parameter
}

function guessesOf(type: string, found: Found, given: boolean, names: Set<string>): GuessedObject[] {
  const name = nameable(type, names)
  const ids = [...found.ids.keys()]
  const sure = [...found.ids].filter(([, parameter]) => parameter.confidence !== 'guess')
  const operations = [...found.operations]
  if (!found.guarded)
    return [{ name, ids, operations, rule: 'guess', reason: 'only public or staff operations name one' }]
  if (sure.length === 0)
    return [{ name, ids, operations, rule: 'guess', reason: [...found.ids.values()][0]?.reason ?? '' }]
  const path = sure.filter(([, parameter]) => parameter.in === 'path').map(([id]) => id)
  if (callers.test(type) && path.length > 0)
    return [{ name, ids: path, operations, rule: 'own', reason: 'the id is the caller’s own' }]
  if (given) return [{ name, ids, operations, rule: 'learned', reason: 'replies give it' }]
  return [{ name, ids, operations, rule: 'guess', reason: 'no reply gives one' }]
}

/** A name that configurations take, used once. */
function nameable(text: string, names: Set<string>): string {
  const cleaned = text
    .normalize('NFD')
    .replace(/[^A-Za-z0-9_-]/g, '')
    .replace(/^[^A-Za-z]+/, '')
    .slice(0, 56)
  const base =
    cleaned === '' || cleaned === 'constructor' || cleaned === 'prototype' ? `object-${cleaned}` : cleaned
  let name = base
  for (let i = 2; names.has(name); i++) name = `${base}-${i}`
  names.add(name)
  return name
}
