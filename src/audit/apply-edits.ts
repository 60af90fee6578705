import { isDeepStrictEqual } from 'node:util'
import { COLLECTION_STYLE, EVENT_ID, load } from 'js-yaml'
import { quotedSpan, TextIndex } from './document/text-index.ts'
import type { Edit, Json } from './fix.ts'
import { blockPlace, flowPlace, isTree, type Tree } from './member-places.ts'

/** What became of a text. */
export interface Edited {
  readonly text: string
  readonly applied: number
  /** Edits whose place the text does not offer, or whose result would not read as it should. */
  readonly refused: number
}

/** Additions to one object, merged. */
interface Addition {
  readonly pointer: string
  readonly members: Tree
  count: number
}

/**
 * Writes changes into a YAML or JSON text; everything else stays as it is, to the last comment. What comes out is read
 * again and compared with the meant document: an edit that would say something else is not written.
 */
export function applyEdits(text: string, edits: readonly Edit[]): Edited {
  const index = new TextIndex(text)
  const additions = new Map<string, Addition>()
  const sets = new Map<string, Json>()
  let refused = 0
  for (const edit of edits) {
    if (edit.kind === 'set') {
      sets.set(edit.at.pointer, edit.value)
      continue
    }
    const nested = anchored(index, edit.at.pointer, edit.members as Tree)
    if (nested === undefined) {
      refused += 1
      continue
    }
    const known = additions.get(nested.pointer)
    if (known === undefined) additions.set(nested.pointer, { ...nested, count: 1 })
    else {
      merge(known.members, nested.members)
      known.count += 1
    }
  }
  const changes: Change[] = []
  for (const addition of additions.values()) {
    const change = additionChange(index, addition)
    if (change === undefined) refused += addition.count
    else changes.push(change)
  }
  for (const [pointer, value] of sets) {
    const change = setChange(index, pointer, value)
    if (change === undefined) refused += 1
    else changes.push(change)
  }
  return written(text, changes, refused)
}

interface Change {
  readonly from: number
  readonly to: number
  readonly insert: string
  readonly count: number
  /** The same change to a parsed document. */
  apply(root: unknown): void
}

function written(text: string, changes: readonly Change[], refused: number): Edited {
  const all = attempt(text, changes)
  if (all !== undefined) return { text: all, applied: countOf(changes), refused }
  // Something does not fit: keep what does, in halves, so that a large document costs a logarithm.
  if (changes.length <= 1) return { text, applied: 0, refused: refused + countOf(changes) }
  const good: Change[] = []
  const sort = (part: readonly Change[]): void => {
    if (part.length === 0) return
    if (attempt(text, [...good, ...part]) !== undefined) good.push(...part)
    else if (part.length > 1) {
      const middle = part.length >> 1
      sort(part.slice(0, middle))
      sort(part.slice(middle))
    }
  }
  sort(changes)
  const rest = attempt(text, good)
  return rest === undefined
    ? { text, applied: 0, refused: refused + countOf(changes) }
    : { text: rest, applied: countOf(good), refused: refused + countOf(changes) - countOf(good) }
}

function countOf(changes: readonly Change[]): number {
  return changes.reduce((sum, { count }) => sum + count, 0)
}

/** The changed text where it reads as the changed document; undefined otherwise. */
function attempt(text: string, changes: readonly Change[]): string | undefined {
  const sorted = [...changes].sort((a, b) => b.from - a.from || b.to - a.to)
  let result = text
  let last = Number.POSITIVE_INFINITY
  for (const { from, to, insert } of sorted) {
    if (to > last) return undefined
    result = result.slice(0, from) + insert + result.slice(to)
    last = from
  }
  const meant = parse(text)
  if (meant === undefined) return undefined
  for (const change of changes) change.apply(meant)
  return isDeepStrictEqual(parse(result), meant) ? result : undefined
}

function parse(text: string): unknown {
  try {
    return text.trimStart().startsWith('{') ? JSON.parse(text) : load(text)
  } catch {
    return undefined
  }
}

/** Members below a pointer that may not exist, as members of the nearest object that does. */
function anchored(
  index: TextIndex,
  pointer: string,
  members: Tree,
): { pointer: string; members: Tree } | undefined {
  let at = pointer
  let nested: Tree = clone(members)
  for (;;) {
    const found = index.find(at)
    if (found !== undefined) {
      const entries = index.entries(found.at)
      if (index.events[found.at]?.type !== EVENT_ID.MAPPING) return undefined
      // What is there already is entered, not written twice.
      const keys = Object.keys(nested)
      const [only] = keys
      if (keys.length === 1 && only !== undefined && entries.has(only) && isTree(nested[only])) {
        nested = nested[only]
        at = `${at}/${only.replaceAll('~', '~0').replaceAll('/', '~1')}`
        continue
      }
      return keys.some((key) => entries.has(key)) ? undefined : { pointer: at, members: nested }
    }
    const cut = at.lastIndexOf('/')
    if (cut < 0) return undefined
    const token = at
      .slice(cut + 1)
      .replaceAll('~1', '/')
      .replaceAll('~0', '~')
    nested = { [token]: nested }
    at = at.slice(0, cut)
  }
}

function clone(members: Tree): Tree {
  return structuredClone(members)
}

function merge(into: Tree, from: Tree): void {
  for (const [key, value] of Object.entries(from)) {
    const known = into[key]
    if (isTree(known) && isTree(value)) merge(known, value)
    else into[key] ??= value
  }
}

function additionChange(index: TextIndex, { pointer, members, count }: Addition): Change | undefined {
  const found = index.find(pointer)
  const event = found === undefined ? undefined : index.events[found.at]
  if (found === undefined || event?.type !== EVENT_ID.MAPPING) return undefined
  const entries = [...index.entries(found.at).values()]
  const apply = (root: unknown): void => {
    const target = valueAt(root, pointer)
    if (typeof target === 'object' && target !== null) Object.assign(target, structuredClone(members))
  }
  const place =
    event.style === COLLECTION_STYLE.FLOW
      ? flowPlace(index, event.start, entries, members)
      : blockPlace(index, entries, members)
  return place === undefined ? undefined : { ...place, to: place.from, count, apply }
}

function setChange(index: TextIndex, pointer: string, value: Json): Change | undefined {
  const found = index.find(pointer)
  const event = found === undefined ? undefined : index.events[found.at]
  if (found === undefined || event?.type !== EVENT_ID.SCALAR || event.indent >= 0) return undefined
  const [from, to] = quotedSpan(index.text, event)
  const quote = index.text[from]
  const insert =
    typeof value !== 'string'
      ? JSON.stringify(value)
      : quote === "'"
        ? `'${value.replaceAll("'", "''")}'`
        : quote === '"' || !/^[A-Za-z][\w:/.-]*$/.test(value)
          ? JSON.stringify(value)
          : value
  return {
    from,
    to,
    insert,
    count: 1,
    apply: (root) => {
      const cut = pointer.lastIndexOf('/')
      const target = valueAt(root, pointer.slice(0, cut))
      const token = pointer
        .slice(cut + 1)
        .replaceAll('~1', '/')
        .replaceAll('~0', '~')
      if (Array.isArray(target)) target[Number(token)] = value
      else if (typeof target === 'object' && target !== null)
        (target as Record<string, unknown>)[token] = value
    },
  }
}

function valueAt(root: unknown, pointer: string): unknown {
  let node = root
  for (const raw of pointer === '' ? [] : pointer.slice(1).split('/')) {
    const token = raw.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, token)) return undefined
    node = (node as Record<string, unknown>)[token]
  }
  return node
}
