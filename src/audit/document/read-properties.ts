import { isObject, type JsonObject, own } from '../../contract/schema.ts'
import { type At, below, type Spot } from './at.ts'
import type { AuditedDocument, AuditedSchema } from './audited-document.ts'

/** A member of `properties`. */
export interface AuditedProperty {
  readonly name: string
  /** Where it stands under `properties`. */
  readonly spot: Spot
  /** What stands there, as it is. */
  readonly written: JsonObject
  /** Its schema, references followed; undefined where they lead nowhere. */
  readonly schema: At | undefined
  readonly parent: AuditedSchema
}

export function propertiesOf(schema: AuditedSchema, document: AuditedDocument): readonly AuditedProperty[] {
  const properties = own(schema.node, 'properties')
  if (!isObject(properties)) return []
  return Object.keys(properties).flatMap((name) => {
    const written = properties[name]
    if (!isObject(written)) return []
    const spot = below(schema, 'properties', name)
    return [{ name, spot, written, schema: document.object(written, spot), parent: schema }]
  })
}
