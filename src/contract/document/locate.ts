import { EVENT_ID, type Event, getScalarValue, parseEvents } from 'js-yaml'

export interface Position {
  readonly line: number
  readonly column: number
}

/** Finds where a JSON pointer stands in a text. */
export type Locate = (pointer: string) => Position

/**
 * Positions in a YAML or JSON text. The text is parsed a second time, on the first question only: most
 * documents have nothing to complain about. A pointer that does not exist finds its nearest ancestor.
 */
export function createLocate(text: string, maxDepth: number): Locate {
  let index: { events: readonly Event[]; ends: Int32Array } | undefined
  let lines: readonly number[] | undefined
  return (pointer) => {
    index ??= indexed(text, maxDepth)
    lines ??= lineStarts(text)
    return positionOf(offsetOf(text, index.events, index.ends, pointer), lines)
  }
}

/** Line and column (from 1) of an offset. */
export function positionIn(text: string, offset: number): Position {
  return positionOf(offset, lineStarts(text))
}

function indexed(text: string, maxDepth: number): { events: readonly Event[]; ends: Int32Array } {
  let events: readonly Event[] = []
  try {
    events = parseEvents(text, { maxDepth })
  } catch {
    // A text that does not parse has no positions but its start.
  }
  const ends = new Int32Array(events.length)
  const open: number[] = []
  for (let i = 0; i < events.length; i++) {
    const type = events[i]?.type
    ends[i] = i
    if (type === EVENT_ID.POP) ends[open.pop() ?? 0] = i
    else if (type !== EVENT_ID.SCALAR && type !== EVENT_ID.ALIAS) open.push(i)
  }
  return { events, ends }
}

function offsetOf(text: string, events: readonly Event[], ends: Int32Array, pointer: string): number {
  let at = 1
  let offset = startOf(events[at])
  const tokens = pointer === '' ? [] : pointer.slice(1).split('/')
  for (const raw of tokens) {
    const token = raw.replaceAll('~1', '/').replaceAll('~0', '~')
    const event = events[at]
    if (event === undefined) return offset
    const end = ends[at] ?? at
    let child = at + 1
    let found = -1
    if (event.type === EVENT_ID.MAPPING) {
      while (child < end) {
        const key = events[child]
        const value = (ends[child] ?? child) + 1
        if (key?.type === EVENT_ID.SCALAR && getScalarValue(text, key) === token) {
          offset = startOf(key)
          found = value
          break
        }
        child = (ends[value] ?? value) + 1
      }
    } else if (event.type === EVENT_ID.SEQUENCE) {
      for (let n = Number(token); n > 0 && child < end; n--) child = (ends[child] ?? child) + 1
      if (child < end) {
        offset = startOf(events[child])
        found = child
      }
    }
    if (found < 0) return offset
    at = found
  }
  return offset
}

function startOf(event: Event | undefined): number {
  if (event === undefined) return 0
  if (event.type === EVENT_ID.SCALAR) return Math.max(0, event.valueStart)
  if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) return Math.max(0, event.start)
  return event.type === EVENT_ID.ALIAS ? Math.max(0, event.anchorStart) : 0
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  return starts
}

function positionOf(offset: number, starts: readonly number[]): Position {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
}
