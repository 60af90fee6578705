import { isObject, type JsonObject, own } from '../schema.ts'
import type { Resource, SchemaStore } from '../schemas/schema-store.ts'
import { quoted, type Report } from './report.ts'

/** A node of the document with the file and pointer it stands at. */
export interface Located {
  readonly node: JsonObject
  readonly resource: Resource
  readonly pointer: string
}

const maxHops = 20

/** Reads the OpenAPI part of a document: everything around the schemas. */
export class DocumentReader {
  readonly report: Report
  readonly store: SchemaStore
  readonly root: Located
  readonly #origins: WeakMap<object, string>

  constructor(report: Report, store: SchemaStore, root: Located, origins: WeakMap<object, string>) {
    this.report = report
    this.store = store
    this.root = root
    this.#origins = origins
  }

  /** A member that must be an object, references followed; reports and returns undefined where it is not. */
  object(value: unknown, resource: Resource, pointer: string, what: string): Located | undefined {
    const at = isObject(value) ? (this.#origins.get(value) ?? pointer) : pointer
    if (!isObject(value)) {
      this.error('contract.document', `${what} must be an object`, { node: {}, resource, pointer })
      return undefined
    }
    let located: Located = { node: value, resource, pointer: at }
    for (let hops = 0; typeof own(located.node, '$ref') === 'string'; hops++) {
      const reference = own(located.node, '$ref') as string
      if (hops === maxHops) {
        this.error('contract.reference', `${quoted(reference)} leads in a circle`, {
          node: {},
          resource,
          pointer: at,
        })
        return undefined
      }
      const found = this.store.find(reference, located.resource)
      if (typeof found === 'string' || !isObject(found.value)) {
        const why = typeof found === 'string' ? found : `${what} must be an object`
        this.error('contract.reference', `${quoted(reference)}: ${why}`, located)
        return undefined
      }
      located = { node: found.value, resource: found.resource, pointer: found.pointer }
    }
    return located
  }

  /** Members of a map, each with its pointer; none where the map is absent, reported where it is no map. */
  entries(
    at: Located,
    key: string,
    what: string,
  ): readonly { name: string; value: unknown; pointer: string }[] {
    const map = own(at.node, key)
    if (map === undefined || map === null) return []
    if (!isObject(map)) {
      this.error('contract.document', `${what} must be an object`, at, `/${key}`)
      return []
    }
    return Object.keys(map).map((name) => ({
      name,
      value: map[name],
      pointer: `${at.pointer}/${key}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    }))
  }

  error(rule: string, message: string, at: Located, below = '', fix?: string): void {
    this.report.error(rule, message, at.resource.source, at.pointer + below, fix)
  }

  warn(rule: string, message: string, at: Located, below = '', fix?: string): void {
    this.report.warn(rule, message, at.resource.source, at.pointer + below, fix)
  }
}
