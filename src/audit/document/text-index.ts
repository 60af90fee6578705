import { EVENT_ID, type Event, getScalarValue, parseEvents, type ScalarEvent } from 'js-yaml'

/** Lines and columns from 1; the end is one past the last character. */
export interface Region {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/** A member of a mapping in the text. */
export interface Entry {
  readonly key: ScalarEvent
  /** Number of the event of its value. */
  readonly value: number
}

const maxDepth = 250

/**
 * Where things stand in a YAML or JSON text. Parsed once; each mapping is indexed when it is first walked through,
 * so that many questions about a large file stay cheap.
 */
export class TextIndex {
  readonly text: string
  readonly events: readonly Event[]
  readonly #ends: Int32Array
  readonly #lines: readonly number[]
  readonly #entries = new Map<number, ReadonlyMap<string, Entry>>()
  readonly #items = new Map<number, readonly number[]>()

  constructor(text: string) {
    this.text = text
    let events: readonly Event[] = []
    try {
      events = parseEvents(text, { maxDepth })
    } catch {
      // A text that does not parse has no positions but its start.
    }
    this.events = events
    this.#ends = endsOf(events)
    this.#lines = lineStarts(text)
  }

  /** Members of the mapping at an event, in order. */
  entries(at: number): ReadonlyMap<string, Entry> {
    const known = this.#entries.get(at)
    if (known !== undefined) return known
    const found = new Map<string, Entry>()
    if (this.events[at]?.type === EVENT_ID.MAPPING)
      for (let child = at + 1; child < (this.#ends[at] ?? at); ) {
        const key = this.events[child]
        const value = (this.#ends[child] ?? child) + 1
        if (key?.type === EVENT_ID.SCALAR) found.set(getScalarValue(this.text, key), { key, value })
        child = (this.#ends[value] ?? value) + 1
      }
    this.#entries.set(at, found)
    return found
  }

  /** Event of the value that a pointer names, with its key; undefined where it is not in this text. */
  find(pointer: string): { readonly at: number; readonly key: ScalarEvent | undefined } | undefined {
    const { at, key, whole } = this.#walk(pointer)
    return whole ? { at, key } : undefined
  }

  /** Where a pointer stands; its nearest ancestor where it does not exist. */
  region(pointer: string): Region {
    const { at, key } = this.#walk(pointer)
    const event = this.events[at]
    const own = spanOf(event)
    let [from, to] = key === undefined ? own : quotedSpan(this.text, key)
    if (key !== undefined && event?.type === EVENT_ID.SCALAR) {
      const [, end] = quotedSpan(this.text, event)
      if (end > to && !this.text.slice(to, end).includes('\n')) to = end
    }
    if (key === undefined && event?.type === EVENT_ID.SCALAR) [from, to] = quotedSpan(this.text, event)
    const start = this.position(from)
    const end = this.position(Math.max(to, from + 1))
    return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column }
  }

  /** The text of a line, without its end. */
  lineText(line: number): string {
    const from = this.#lines[line - 1] ?? this.text.length
    const to = this.#lines[line] ?? this.text.length + 1
    return this.text.slice(from, to - 1).replace(/\r$/, '')
  }

  position(offset: number): { readonly line: number; readonly column: number } {
    let low = 0
    let high = this.#lines.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lines[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (this.#lines[low] ?? 0) + 1 }
  }

  #walk(pointer: string): { at: number; key: ScalarEvent | undefined; whole: boolean } {
    let at = 1
    let key: ScalarEvent | undefined
    if (pointer === '') return { at, key, whole: true }
    for (const raw of pointer.slice(1).split('/')) {
      const token = raw.replaceAll('~1', '/').replaceAll('~0', '~')
      const event = this.events[at]
      if (event?.type === EVENT_ID.MAPPING) {
        const entry = this.entries(at).get(token)
        if (entry === undefined) return { at, key, whole: false }
        at = entry.value
        key = entry.key
      } else if (event?.type === EVENT_ID.SEQUENCE) {
        const item = this.#itemsOf(at)[Number(token)]
        if (item === undefined) return { at, key, whole: false }
        at = item
        key = undefined
      } else return { at, key, whole: false }
    }
    return { at, key, whole: true }
  }

  #itemsOf(at: number): readonly number[] {
    let known = this.#items.get(at)
    if (known === undefined) {
      const found: number[] = []
      for (let child = at + 1; child < (this.#ends[at] ?? at); child = (this.#ends[child] ?? child) + 1)
        found.push(child)
      known = found
      this.#items.set(at, known)
    }
    return known
  }
}

function endsOf(events: readonly Event[]): Int32Array {
  const ends = new Int32Array(events.length)
  const open: number[] = []
  for (let i = 0; i < events.length; i++) {
    const type = events[i]?.type
    ends[i] = i
    if (type === EVENT_ID.POP) ends[open.pop() ?? 0] = i
    else if (type !== EVENT_ID.SCALAR && type !== EVENT_ID.ALIAS) open.push(i)
  }
  return ends
}

/** From and to, quotes included. */
export function quotedSpan(text: string, event: ScalarEvent): [number, number] {
  const from = Math.max(0, event.valueStart)
  const to = Math.max(from, event.valueEnd)
  const quote = text[from - 1]
  return (quote === '"' || quote === "'") && text[to] === quote ? [from - 1, to + 1] : [from, to]
}

function spanOf(event: Event | undefined): [number, number] {
  if (event === undefined) return [0, 1]
  if (event.type === EVENT_ID.SCALAR) return [Math.max(0, event.valueStart), Math.max(0, event.valueEnd)]
  if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE)
    return [Math.max(0, event.start), Math.max(0, event.start) + 1]
  return event.type === EVENT_ID.ALIAS
    ? [Math.max(0, event.anchorStart), Math.max(0, event.anchorEnd)]
    : [0, 1]
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  return starts
}
