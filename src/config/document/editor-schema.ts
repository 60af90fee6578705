import { configSchema } from '../config-schema.ts'
import { formats } from './words.ts'

type Node = { [key: string]: unknown }

/** The schema for editors, published with the package as `schema/sallyport.schema.json`. */
export function editorSchema(): unknown {
  const root = strip(JSON.parse(JSON.stringify(configSchema)) as Node) as Node
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:sallyport:schema:configuration',
    title: 'sallyport.yaml',
    ...root,
  }
}

/** Editors do not know our formats: the example goes into the description instead. */
function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip)
  if (typeof value !== 'object' || value === null) return value
  const node = value as Node
  const format = typeof node['format'] === 'string' ? formats.get(node['format']) : undefined
  const copy: Node = {}
  for (const [key, child] of Object.entries(node))
    if (key !== 'format' || format === undefined) copy[key] = strip(child)
  if (format !== undefined && copy['examples'] === undefined) copy['examples'] = [format.example]
  return copy
}
