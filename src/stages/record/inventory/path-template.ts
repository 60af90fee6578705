/** Segments below one place from which on they are ids and not names. */
const mostSiblings = 24
const mostAtRoot = 200
/** Places that are remembered. */
const mostPlaces = 4_000
const mostSegments = 16

interface Place {
  readonly names: Map<string, Place>
  parameter: Place | undefined
  /** Name of the parameter in the contract; undefined where no contract has one here. */
  declared?: string
}

/**
 * Templates of paths that no contract declares: what looks like an id is a parameter, and so is what has very many different
 * names in one place. Memory is bounded, whoever makes up paths.
 */
export class PathTemplates {
  readonly #roots = new Map<string, Place>()
  #places = 0

  /** What a contract declares: its literals are names, its parameters have its names. */
  declare(api: string, template: string): void {
    let place = this.#rootOf(api)
    for (const segment of template.split('/').slice(1, mostSegments + 1)) {
      const parameter = /^\{([^{}]+)\}$/.exec(segment)?.[1]
      if (parameter !== undefined) {
        place.declared ??= parameter
        place = this.#parameter(place).place
      } else {
        const next = place.names.get(segment) ?? { names: new Map(), parameter: undefined }
        place.names.set(segment, next)
        place = next
      }
    }
  }

  /** `/users/4711/orders` → `/users/{userId}/orders`. */
  of(api: string, path: string): string {
    const segments = path.split('/').slice(1, mostSegments + 1)
    let place = this.#rootOf(api)
    let template = ''
    let before = ''
    const used = new Set<string>()
    for (const [depth, segment] of segments.entries()) {
      const next = isId(segment) ? this.#parameter(place) : this.#name(place, segment, depth === 0)
      if (next.isParameter) {
        const name = freeName(place.declared ?? parameterName(before), used)
        used.add(name)
        template += `/{${name}}`
      } else {
        template += `/${segment}`
        before = segment
      }
      place = next.place
    }
    return template === '' ? '/' : template.slice(0, 200)
  }

  #rootOf(api: string): Place {
    const known = this.#roots.get(api)
    if (known !== undefined) return known
    const made = { names: new Map(), parameter: undefined }
    this.#roots.set(api, made)
    return made
  }

  #parameter(place: Place): Step {
    place.parameter ??= { names: new Map(), parameter: undefined }
    return { place: place.parameter, isParameter: true }
  }

  #name(place: Place, segment: string, root: boolean): Step {
    const known = place.names.get(segment)
    if (known !== undefined) return { place: known, isParameter: false }
    if (place.declared !== undefined) return this.#parameter(place)
    if (place.names.size >= (root ? mostAtRoot : mostSiblings) || this.#places >= mostPlaces)
      return this.#parameter(place)
    const made = { names: new Map(), parameter: undefined }
    place.names.set(segment, made)
    this.#places++
    return { place: made, isParameter: false }
  }
}

interface Step {
  readonly place: Place
  readonly isParameter: boolean
}

/** Numbers, UUIDs, hashes, dates, addresses, tokens: whatever is no word. */
function isId(segment: string): boolean {
  if (segment === '') return false
  if (segment.length > 40 || segment.includes('%') || segment.includes('@') || segment.includes('~'))
    return true
  if (/^v\d{1,2}(?:\.\d{1,2})?$/i.test(segment)) return false
  if (!/\d/.test(segment)) return segment.length > 32
  if (/^[\d.:_-]+$/.test(segment)) return true
  return (
    /^[0-9a-f-]{8,}$/i.test(segment) || /\d{4}/.test(segment) || (segment.match(/\d+/g)?.length ?? 0) >= 3
  )
}

function parameterName(before: string): string {
  const word = before.replace(/[^A-Za-z0-9]+(.)?/g, (_all, next: string | undefined) =>
    (next ?? '').toUpperCase(),
  )
  if (!/^[A-Za-z][A-Za-z0-9]{0,30}$/.test(word)) return 'id'
  const single = word
    .replace(/ies$/, 'y')
    .replace(/(ss|x|ch|sh)es$/, '$1')
    .replace(/([^s])s$/, '$1')
  return `${single.charAt(0).toLowerCase()}${single.slice(1)}Id`
}

function freeName(name: string, used: ReadonlySet<string>): string {
  if (!used.has(name)) return name
  for (let n = 2; ; n++) if (!used.has(`${name}${n}`)) return `${name}${n}`
}
