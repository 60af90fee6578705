/** Where a value of a template stands. */
export type Place = 'text' | 'attribute' | 'url' | 'attributes'

const known = new WeakMap<TemplateStringsArray, readonly Place[]>()

/** The place of every value of a template, found once for each template. Throws where none may stand. */
export function placesOf(strings: TemplateStringsArray): readonly Place[] {
  let places = known.get(strings)
  if (places === undefined) {
    places = findPlaces(strings)
    known.set(strings, places)
  }
  return places
}

const urlAttributes: ReadonlySet<string> = new Set(['href', 'src', 'action', 'formaction'])
/** Attributes whose value is a program, a style, a document or an instruction: text from outside never goes there. */
const closedAttributes = /^(?:on.*|style|srcdoc|srcset|http-equiv|formtarget|target)$/
/** Elements whose content is read by other rules than text. */
const closedElements: ReadonlySet<string> = new Set(
  'style textarea iframe object embed base noscript template xmp noembed noframes plaintext math'.split(' '),
)

/** How far a template has been read. */
type State =
  | { readonly at: 'text' }
  | { readonly at: 'tag'; readonly tag: string }
  | { readonly at: 'value'; readonly tag: string; readonly attribute: string; readonly before: string }

function findPlaces(strings: TemplateStringsArray): readonly Place[] {
  let state: State = { at: 'text' }
  const places: Place[] = []
  for (const [index, part] of strings.entries()) {
    state = readPart(state, part)
    const after = strings[index + 1]
    if (after !== undefined) places.push(placeAt(state, part, after))
  }
  if (state.at !== 'text') throw new TypeError(`a template ends inside <${state.tag}>`)
  return places
}

function placeAt(state: State, before: string, after: string): Place {
  if (state.at === 'text') return 'text'
  if (state.at === 'tag') {
    if (/\s$/.test(before) && /^[\s/>]/.test(after)) return 'attributes'
    throw new TypeError(`between attributes of <${state.tag}> a value stands alone`)
  }
  if (closedAttributes.test(state.attribute)) throw new TypeError(`${state.attribute} takes no value`)
  if (!urlAttributes.has(state.attribute)) return 'attribute'
  if (state.before === '' && after.startsWith('"')) return 'url'
  throw new TypeError(`${state.attribute} takes one whole value`)
}

function readPart(from: State, part: string): State {
  let state = from
  let at = 0
  while (at < part.length) {
    if (state.at === 'value') {
      const quote = part.indexOf('"', at)
      if (quote < 0) return { ...state, before: state.before + part.slice(at) }
      state = { at: 'tag', tag: state.tag }
      at = quote + 1
    } else if (state.at === 'text') {
      const open = part.indexOf('<', at)
      if (open < 0) return state
      const tag = /^<(!doctype|\/?[a-z][a-z0-9]*)(?=[\s/>])/i.exec(part.slice(open))
      if (tag === null) throw new TypeError('templates hold whole tags, and no comments')
      state = { at: 'tag', tag: (tag[1] ?? '').toLowerCase() }
      if (closedElements.has(state.tag)) throw new TypeError(`<${state.tag}> is not written by templates`)
      at = open + tag[0].length
    } else [state, at] = readTag(state.tag, part, at)
  }
  return state
}

function readTag(tag: string, part: string, at: number): [State, number] {
  const rest = part.slice(at)
  const space = /^\s+/.exec(rest)
  if (space !== null) return [{ at: 'tag', tag }, at + space[0].length]
  const end = /^\/?>/.exec(rest)
  if (end !== null) {
    if (tag === 'script' && !rest.startsWith('></script>'))
      throw new TypeError('a script is a file of its own')
    return [{ at: 'text' }, at + end[0].length]
  }
  const attribute = /^([a-z][a-z0-9:-]*)(="|(?=[\s/>]))/i.exec(rest)
  if (attribute === null) throw new TypeError(`attributes of <${tag}> are name="value" or a name alone`)
  const next = at + attribute[0].length
  if (attribute[2] === '') return [{ at: 'tag', tag }, next]
  return [{ at: 'value', tag, attribute: (attribute[1] ?? '').toLowerCase(), before: '' }, next]
}
