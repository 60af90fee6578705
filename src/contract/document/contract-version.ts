import { type JsonObject, own } from '../schema.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'
import type { Dialect } from '../schemas/upgrade-schema.ts'
import { type Sources, valueAt } from './sources.ts'

type Version = '2.0' | '3.0' | '3.1'

export function versionOf(value: JsonObject): Version | undefined {
  const swagger = own(value, 'swagger')
  if (swagger === '2.0' || swagger === 2) return '2.0'
  const openapi = String(own(value, 'openapi'))
  if (/^3\.0(?:\.|$)/.test(openapi)) return '3.0'
  // 3.2 only adds to 3.1.
  return /^3\.[12](?:\.|$)/.test(openapi) ? '3.1' : undefined
}

export function dialectOf(version: Version): Dialect {
  return version === '3.1' ? '2020-12' : 'openapi-3.0'
}

/** References that the conversion from 2.0 must follow itself: to parameters and responses. */
export function followIn(sources: Sources, store: SchemaStore): (reference: string) => unknown {
  return (reference) => {
    if (reference.startsWith('#')) return valueAt(sources.root.value, reference.slice(1))
    const found = store.find(reference, store.resourceOf(sources.root))
    return typeof found === 'string' ? undefined : found.value
  }
}

/** Schema references of a converted document, in the converted document's words. */
export function renameReferences(store: SchemaStore): void {
  for (const node of store.targets.keys()) {
    const reference = own(node, '$ref')
    if (typeof reference === 'string' && reference.startsWith('#/definitions/'))
      node['$ref'] = `#/components/schemas/${reference.slice('#/definitions/'.length)}`
  }
}

export function sourcePointer(pointer: string): string {
  return pointer
    .replace(/^\/components\/schemas(?=\/|$)/, '/definitions')
    .replace(/^\/components\/securitySchemes(?=\/|$)/, '/securityDefinitions')
}
