import type { Place } from '../../kernel/finding.ts'
import { isObject, type JsonObject, own } from '../schema.ts'
import type { Located } from './document.ts'

/** An `x-sallyport` with where it stands. */
export interface Extension {
  /** The very object of the document. */
  readonly node: JsonObject
  readonly value: JsonObject
  /** Place of a part of it, by its JSON pointer below the extension. */
  place(below: string): Place
}

/** Rules that the contract itself holds, and what they are about. */
export interface WrittenExtension extends Extension {
  readonly on: 'operation' | 'parameter' | 'schema' | 'property'
  /** Operation: its id. Parameter: `path.bookingId`. Schema: its name. Property: `Schema.property`. */
  readonly name: string
  /** Parameter: ids of the operations that have it, with this extension. */
  readonly operations: readonly string[]
}

/** The `x-sallyport` of a node, where it has one that is an object. */
export function extensionOf(at: Located): Extension | undefined {
  const value = own(at.node, 'x-sallyport')
  if (!isObject(value)) return undefined
  const { source } = at.resource
  return { node: value, value, place: (below) => source.place(`${at.pointer}/x-sallyport${below}`) }
}
