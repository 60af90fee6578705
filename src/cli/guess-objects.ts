import type { Operation } from '../kernel/operation.ts'

/** A rule that a contract implies, or one that its author has to think about. */
export interface GuessedObject {
  readonly name: string
  /** `path.userId`. */
  readonly id: string
  /** Operations that have it, by id. */
  readonly operations: readonly string[]
  /** True where the object is the caller: the id itself says whose it is. */
  readonly self: boolean
}

const people =
  /^(user|account|customer|member|profile|person|subscriber|owner|patient|employee|traveller|player)$/i
const idLike = /(^id$|[a-z0-9]Id$|ID$|_id$|-id$|uuid$)/i
/** Operations of staff touch everybody's objects. */
const staff = /(^|[^a-z])(admin|internal|staff|backoffice|support)([^a-z]|$)/i

export function isStaffOperation(operation: Operation): boolean {
  return staff.test(operation.template) || operation.tags.some((tag) => staff.test(tag))
}

/** Objects by their path parameters: `/users/{userId}/profile` has a `user`, who is the caller. */
export function guessObjects(operations: readonly Operation[]): readonly GuessedObject[] {
  const found = new Map<string, { name: string; id: string; operations: string[]; self: boolean }>()
  for (const operation of operations) {
    if (operation.security.length === 0 || isStaffOperation(operation)) continue
    for (const { in: where, name } of operation.parameters) {
      if (where !== 'path' || !idLike.test(name)) continue
      const type = typeOf(operation.template, name)
      const id = /^[A-Za-z_]\w*$/.test(name) ? `path.${name}` : `path[${JSON.stringify(name)}]`
      const key = `${type} ${id}`
      const known = found.get(key) ?? { name: type, id, operations: [], self: people.test(type) }
      known.operations.push(operation.id)
      found.set(key, known)
    }
  }
  return [...found.values()].map((object, index, all) =>
    all.findIndex((other) => other.name === object.name) === index
      ? object
      : { ...object, name: `${object.name}-${index + 1}` },
  )
}

/** `bookingId` → `booking`; for a bare `id`, the collection before it: `/bookings/{id}` → `booking`. */
function typeOf(template: string, parameter: string): string {
  const own = parameter.replace(/[-_]?(uuid|id)$/i, '')
  if (own !== '') return nameable(own)
  const all = template
    .slice(0, template.indexOf(`{${parameter}}`))
    .split('/')
    .filter((part) => part !== '' && !part.startsWith('{'))
  const collection = all.at(-1) ?? 'object'
  return nameable(collection.replace(/ies$/, 'y').replace(/([^s])s$/, '$1'))
}

function nameable(text: string): string {
  const cleaned = text
    .replace(/[^A-Za-z0-9_-]/g, '')
    .replace(/^[^A-Za-z]+/, '')
    .slice(0, 60)
  return cleaned === '' || cleaned === 'constructor' || cleaned === 'prototype'
    ? `object-${cleaned}`
    : cleaned
}
