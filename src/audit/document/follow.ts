import type { Source } from '../../contract/document/read-source.ts'
import { type Sources, valueAt } from '../../contract/document/sources.ts'
import { isObject, own } from '../../contract/schema.ts'
import type { At, Spot } from './at.ts'

const maxHops = 20

/** A reference that leads nowhere, and why. */
export interface Dangling extends Spot {
  readonly reference: string
  readonly why: string
}

/** Follows `$ref` within the document and to files below its folder; remembers those that lead nowhere. */
export class Follower {
  readonly dangling: Map<string, Dangling> = new Map()
  readonly #sources: Sources
  readonly #known = new Map<string, At | string>()

  constructor(sources: Sources) {
    this.#sources = sources
  }

  /** The object that a value is or refers to; undefined where it is none. */
  object(value: unknown, spot: Spot): At | undefined {
    if (!isObject(value)) return undefined
    let at: At = { node: value, source: spot.source, pointer: spot.pointer }
    for (let hops = 0; hops < maxHops; hops++) {
      const reference = own(at.node, '$ref')
      if (typeof reference !== 'string') return at
      const found = this.#find(reference, at.source)
      if (typeof found === 'string') {
        this.#complain(reference, at, found)
        return undefined
      }
      at = found
    }
    this.#complain(String(own(at.node, '$ref')), at, 'it leads in a circle')
    return undefined
  }

  #complain(reference: string, at: At, why: string): void {
    const pointer = `${at.pointer}/$ref`
    this.dangling.set(`${at.source.uri}#${pointer}`, { source: at.source, pointer, reference, why })
  }

  #find(reference: string, from: Source): At | string {
    const key = `${from.uri} ${reference}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const found = this.#open(reference, from)
    this.#known.set(key, found)
    return found
  }

  #open(reference: string, from: Source): At | string {
    const hash = reference.indexOf('#')
    const file = hash < 0 ? reference : reference.slice(0, hash)
    const fragment = hash < 0 ? '' : reference.slice(hash + 1)
    const source = file === '' ? from : this.#sources.open(file, from)
    if (typeof source === 'string') return source
    const value = valueAt(source.value, fragment)
    if (!isObject(value)) return 'there is no object at that place'
    return { node: value, source, pointer: decoded(fragment) }
  }
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}
