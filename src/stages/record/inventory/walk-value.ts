import { shapeName } from './shape-name.ts'

/** The most of one value that is looked at. */
const mostNodes = 400
const mostDepth = 8
/** An object with more members than this is a mapping: its names are values. */
const mostMembers = 64

/**
 * Goes through a JSON value: `visit` gets each text and number with its pointer (names in shape, elements of lists as `*`)
 * and its own name. Of lists the first elements stand for all.
 */
export function walkValue(
  value: unknown,
  visit: (pointer: string, name: string, leaf: string | number | bigint) => void,
): void {
  let nodes = 0
  const walk = (one: unknown, pointer: string, name: string, depth: number): void => {
    if (++nodes > mostNodes || depth > mostDepth) return
    if (typeof one === 'string' || typeof one === 'number' || typeof one === 'bigint') {
      visit(pointer, name, one)
    } else if (Array.isArray(one)) {
      for (const item of one.slice(0, 4)) walk(item, `${pointer}/*`, name, depth + 1)
    } else if (typeof one === 'object' && one !== null) {
      const members = Object.entries(one)
      const isMapping = members.length > mostMembers
      for (const [member, inner] of isMapping ? members.slice(0, 4) : members) {
        const shape = isMapping ? '*' : shapeName(member)
        walk(inner, `${pointer}/${shape}`, shape === '*' ? name : member, depth + 1)
      }
    }
  }
  walk(value, '', '', 0)
}

/** The value at a JSON pointer; the first element where it says `*`. */
export function valueAt(value: unknown, pointer: string): unknown {
  let at = value
  for (const token of pointer.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null) return undefined
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(at)) at = at[name === '*' ? 0 : Number(name)]
    else at = Object.hasOwn(at, name) ? (at as Record<string, unknown>)[name] : undefined
  }
  return at
}
