import type { DeclaredOperation, DeclaredParameter } from '../declared.ts'
import type { Schema } from '../schema.ts'
import { itemsOf, kindsOf, propertyNamesOf, propertyOf } from '../schemas/kinds.ts'
import type { ParameterId } from './id-map.ts'
import { typeOtherParameter } from './id-parameters.ts'
import type { KnownTypes } from './known-types.ts'

const maxDepth = 4

/** Ids inside parameters that are objects. */
export interface MemberIds {
  /** Fields of their own in the query: `filter[bookingId]`, or `bookingId` of an exploded object. */
  readonly members: readonly ParameterId[]
  /** Parameters that pack an object into one text, with the types of the ids in it. */
  readonly packed: readonly { readonly parameter: DeclaredParameter; readonly types: ReadonlySet<string> }[]
}

/** Types the members of an operation's object-valued parameters (OpenAPI 3.1 §4.8.12.2, `style` and `explode`). */
export function typeMembers(operation: DeclaredOperation, types: KnownTypes): MemberIds {
  const members: ParameterId[] = []
  const packed: { parameter: DeclaredParameter; types: ReadonlySet<string> }[] = []
  for (const parameter of operation.parameters) {
    const deep = parameter.style === 'deepObject'
    const fields = parameter.in === 'query' && !parameter.json && (deep || parameter.explode)
    const found = membersOf(operation, parameter, types, deep ? parameter.name : undefined)
    if (found.length === 0) continue
    if (fields) members.push(...found)
    else packed.push({ parameter, types: new Set(found.map(({ type }) => type)) })
  }
  return { members, packed }
}

function membersOf(
  operation: DeclaredOperation,
  parameter: DeclaredParameter,
  types: KnownTypes,
  prefix: string | undefined,
): ParameterId[] {
  const found: ParameterId[] = []
  const visit = (schema: Schema | undefined, path: string | undefined, depth: number): void => {
    if (depth > maxDepth || schema === undefined || !kindsOf(schema, types.store).has('object')) return
    for (const name of propertyNamesOf(schema, types.store)) {
      const below = propertyOf(schema, name, types.store)
      const place = path === undefined ? name : `${path}[${name}]`
      const mark = typeOtherParameter(operation, { ...parameter, name, schema: below }, types)
      if (mark !== undefined && mark.confidence !== 'guess')
        found.push({ ...mark, in: parameter.in, name: place, separator: undefined })
      else visit(itemsOf(below, types.store) ?? below, place, depth + 1)
    }
  }
  // A parameter of JSON may be a list of objects.
  visit(
    parameter.json ? (itemsOf(parameter.schema, types.store) ?? parameter.schema) : parameter.schema,
    prefix,
    0,
  )
  return found
}
