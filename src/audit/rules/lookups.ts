import { parseIdName } from '../../contract/objects/id-name.ts'
import { isObject, own } from '../../contract/schema.ts'
import { type At, below } from '../document/at.ts'
import type { AuditedDocument, AuditedMedia } from '../document/audited-document.ts'
import { type AuditedProperty, propertiesOf } from '../document/read-properties.ts'

const maxParts = 50

/** Properties at the top of a body: those of its schema, of what it is composed of, and of the items of a list. */
export function propertiesOfMedia(
  media: AuditedMedia,
  document: AuditedDocument,
): readonly AuditedProperty[] {
  return media.schema === undefined ? [] : topProperties(media.schema, document)
}

function topProperties(root: At, document: AuditedDocument): readonly AuditedProperty[] {
  const found: AuditedProperty[] = []
  const seen = new Set<object>()
  const open: At[] = [root]
  for (let at = open.shift(); at !== undefined && seen.size < maxParts; at = open.shift()) {
    if (seen.has(at.node)) continue
    seen.add(at.node)
    const schema = document.schemas.get(at.node)
    if (schema !== undefined) found.push(...propertiesOf(schema, document))
    for (const key of ['allOf', 'oneOf', 'anyOf']) {
      const parts = own(at.node, key)
      if (Array.isArray(parts))
        for (let i = 0; i < parts.length; i++) {
          const part = document.object(parts[i], below(at, key, i))
          if (part !== undefined) open.push(part)
        }
    }
    const items = document.object(own(at.node, 'items'), below(at, 'items'))
    if (items !== undefined) open.push(items)
  }
  return found
}

/** True for a list whose name says that it holds ids. */
export function isArrayOf(schema: At, name: string): boolean {
  const { kind, many } = parseIdName(name.replace(/\[\]$/, ''))
  return isObject(own(schema.node, 'items')) && (kind === 'typed' || kind === 'bare') && many
}

/** The schema behind a body, or undefined. */
export function arrayBody(media: AuditedMedia): At | undefined {
  const { schema } = media
  return schema !== undefined && own(schema.node, 'type') === 'array' ? schema : undefined
}
