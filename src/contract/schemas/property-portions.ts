import type { JsonObject } from '../schema.ts'

/** Properties in one portion. */
export const maxPortion: number = 200

const portions = new WeakMap<JsonObject, readonly JsonObject[]>()

/** The properties of a schema in portions, each a schema of its own; the same ones each time. */
export function portionsOf(properties: JsonObject, names: readonly string[]): readonly JsonObject[] {
  let made = portions.get(properties)
  if (made === undefined) {
    made = Array.from({ length: Math.ceil(names.length / maxPortion) }, (_, i) => {
      const part: JsonObject = Object.create(null) as JsonObject
      for (const name of names.slice(i * maxPortion, (i + 1) * maxPortion)) part[name] = properties[name]
      return { properties: part }
    })
    portions.set(properties, made)
  }
  return made
}
