import { isObject, own } from '../../contract/schema.ts'
import { below, type Spot } from './at.ts'
import type { AuditedDocument } from './audited-document.ts'

/** A text of an example, default or description. */
export interface AuditedExample {
  readonly spot: Spot
  readonly text: string
  readonly kind: 'example' | 'description'
  /** Key that it is the value of. */
  readonly name: string
}

const exampleKeys: ReadonlySet<string> = new Set([
  'example',
  'examples',
  'default',
  'x-example',
  'x-examples',
])
const maxTexts = 200_000

/** Every text of the examples and descriptions in a document's own file. */
export function examplesOf(document: AuditedDocument): readonly AuditedExample[] {
  const found: AuditedExample[] = []
  const seen = new Set<object>()
  const visit = (value: unknown, spot: Spot, name: string, inExample: boolean): void => {
    if (found.length >= maxTexts) return
    if (typeof value === 'string') {
      if (inExample) found.push({ spot, text: value, kind: 'example', name })
      else if (name === 'description') found.push({ spot, text: value, kind: 'description', name })
      return
    }
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) visit(value[i], below(spot, i), name, inExample)
      return
    }
    if (!isObject(value)) return
    for (const key of Object.keys(value))
      visit(own(value, key), below(spot, key), key, inExample || exampleKeys.has(key))
  }
  visit(document.root.node, document.root, '', false)
  return found
}
