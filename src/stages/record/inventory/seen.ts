import type { SeenData, SeenName, SeenType, Sighting } from '../../../kernel/inventory.ts'
import { Distinct } from './distinct.ts'
import { joinTypes } from './seen-type.ts'

/** Names of one kind that are remembered for one operation. */
const mostNames = 64

interface Counted {
  calls: number
  type: SeenType
}

/** What was seen of one operation, as it is added up. */
export class Seen {
  readonly kind: Sighting['kind']
  readonly api: string
  readonly name: string
  calls: number = 0
  refused: number = 0
  first: number = Number.MAX_SAFE_INTEGER
  last: number = 0
  readonly callers: Distinct
  readonly statuses: Map<string, Counted> = new Map()
  readonly authentication: Map<string, Counted> = new Map()
  readonly mediaTypes: Map<string, Counted> = new Map()
  readonly parameters: Map<string, Counted> = new Map()
  readonly properties: Map<string, Counted> = new Map()
  readonly data: Map<string, Counted> = new Map()

  constructor(of: Pick<Sighting, 'kind' | 'api' | 'name'>, sketch?: string) {
    this.kind = of.kind
    this.api = of.api
    this.name = of.name
    this.callers = new Distinct(sketch)
  }

  add(sighting: Sighting): void {
    this.calls += sighting.calls
    this.refused += sighting.refused
    this.first = Math.min(this.first, sighting.first)
    this.last = Math.max(this.last, sighting.last)
    this.callers.join(new Distinct(sighting.callers))
    for (const [name, calls] of sighting.statuses) count(this.statuses, name, calls)
    for (const [name, calls] of sighting.authentication) count(this.authentication, name, calls)
    for (const [name, calls] of sighting.mediaTypes) count(this.mediaTypes, name, calls)
    for (const { name, calls, type } of sighting.parameters) count(this.parameters, name, calls, type)
    for (const { name, calls, type } of sighting.properties) count(this.properties, name, calls, type)
    for (const one of sighting.data) count(this.data, `${one.class} ${one.in} ${one.pointer}`, one.calls)
  }

  sighting(): Sighting {
    return {
      kind: this.kind,
      api: this.api,
      name: this.name,
      calls: this.calls,
      refused: this.refused,
      first: this.first,
      last: this.last,
      callers: this.callers.toString(),
      statuses: pairsOf(this.statuses),
      authentication: pairsOf(this.authentication),
      mediaTypes: pairsOf(this.mediaTypes),
      parameters: namesOf(this.parameters),
      properties: namesOf(this.properties),
      data: [...this.data].map(([key, { calls }]) => dataOf(key, calls)),
    }
  }
}

/** One sighting of two. */
export function mergeSightings(kept: Sighting, seen: Sighting): Sighting {
  const both = new Seen(kept)
  both.add(kept)
  both.add(seen)
  return both.sighting()
}

/**
 * Counts a name. When there are too many, the rarest goes and the new one inherits its count (Metwally and others, 2005), so
 * names that come again and again stay whatever somebody makes up.
 */
export function count(
  counts: Map<string, Counted>,
  name: string,
  calls: number,
  type: SeenType = 'unknown',
): void {
  const known = counts.get(name)
  if (known !== undefined) {
    known.calls += calls
    known.type = joinTypes(known.type, type)
    return
  }
  let inherited = 0
  if (counts.size >= mostNames) {
    let rarest: string | undefined
    let least = Number.POSITIVE_INFINITY
    for (const [other, { calls: times }] of counts)
      if (times < least) {
        rarest = other
        least = times
      }
    if (rarest !== undefined) counts.delete(rarest)
    inherited = least
  }
  counts.set(name, { calls: calls + inherited, type })
}

function pairsOf(counts: ReadonlyMap<string, Counted>): (readonly [string, number])[] {
  return [...counts].map(([name, { calls }]) => [name, calls] as const)
}

function namesOf(counts: ReadonlyMap<string, Counted>): SeenName[] {
  return [...counts].map(([name, { calls, type }]) => ({ name, calls, type }))
}

function dataOf(key: string, calls: number): SeenData {
  const [kind = '', where = '', ...pointer] = key.split(' ')
  return { class: kind, in: where as SeenData['in'], pointer: pointer.join(' '), calls }
}
