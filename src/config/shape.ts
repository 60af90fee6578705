import Type, { type TObject, type TProperties, type TSchema } from 'typebox'

/**
 * An object whose keys are all declared. A property with a default may be left out of the file, yet is always
 * there once `fillDefaults` ran: so it is not optional in the static type, and not required in the schema.
 */
export function shape<P extends TProperties>(description: string, properties: P): TObject<P> {
  const object = Type.Object(properties, { additionalProperties: false, description })
  const loose = object as { required?: string[] }
  const required = (loose.required ?? []).filter((name) => !('default' in (properties[name] ?? {})))
  if (required.length > 0) loose.required = required
  else delete loose.required
  return object
}

interface Plain {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Plain>>
  readonly patternProperties?: Readonly<Record<string, Plain>>
  readonly items?: Plain
  readonly anyOf?: readonly Plain[]
  readonly default?: unknown
}

/** JSON Schema's name of a value's type. */
export function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

/** Writes the schema's defaults into a valid value, in place. */
export function fillDefaults(schema: TSchema, value: unknown): void {
  fill(schema as Plain, value)
}

function fill(schema: Plain, value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (schema.anyOf !== undefined) {
    const branch = schema.anyOf.find((option) => option.type === typeOf(value))
    if (branch !== undefined) fill(branch, value)
  } else if (Array.isArray(value)) {
    if (schema.items !== undefined) for (const item of value) fill(schema.items, item)
  } else {
    const object = value as Record<string, unknown>
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (!Object.hasOwn(object, name) && property.default !== undefined)
        object[name] = structuredClone(property.default)
      if (Object.hasOwn(object, name)) fill(property, object[name])
    }
    for (const property of Object.values(schema.patternProperties ?? {}))
      for (const name of Object.keys(object)) fill(property, object[name])
  }
}
