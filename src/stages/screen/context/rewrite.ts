import { randomBytes } from 'node:crypto'
import type { TextVerdict } from './detect/scan-text.ts'
import type { Inspection } from './inspection.ts'

/** Texts of a reply read between two turns of the event loop. */
const sliceChars = 32_768
/** Characters of one reply that are read; what comes after is not, and the reply says so. */
const mostChars = 262_144
const deepest = 64

/** What is done to a text. */
export type Treatment = 'leave' | 'strip' | 'redact'

/** Reads one text and returns what leaves in its place. */
export function treat(text: string, pointer: string, inspection: Inspection, how: Treatment): string {
  const verdict = inspection.read(text, pointer)
  return verdict === undefined ? text : rewritten(text, verdict, how)
}

function rewritten(text: string, { sanitised, segments }: TextVerdict, how: Treatment): string {
  if (how === 'leave') return text
  const seen = sanitised?.text ?? text
  if (how === 'strip' || segments.length === 0) return seen
  let out = ''
  let at = 0
  for (const { from, to } of segments.toSorted((a, b) => a.from - b.from)) {
    if (to <= at) continue
    out += `${seen.slice(at, Math.max(at, from))}[removed: untrusted instruction, id=${randomBytes(6).toString('hex')}]`
    at = to
  }
  return out + seen.slice(at)
}

/** One text of a value that waits to be read, and where it stands. */
interface Leaf {
  readonly holder: Record<string, unknown> | unknown[]
  readonly key: string | number
  readonly pointer: string
}

/**
 * Reads every text of a parsed reply, names of members too, and rewrites texts in place; types stay. True where something
 * changed. Gives way to other calls between slices, and stops after 256 Ki characters: `inspection.partial` says so.
 */
export async function treatValue(
  root: { value: unknown },
  inspection: Inspection,
  how: Treatment,
): Promise<boolean> {
  let changed = false
  let read = 0
  let turn = 0
  const leaves: Leaf[] = []
  collect(root as unknown as Record<string, unknown>, 'value', '', 0, leaves, inspection)
  for (const { holder, key, pointer } of leaves) {
    const text = (holder as Record<string | number, unknown>)[key]
    if (typeof text !== 'string') continue
    if (read + text.length > mostChars) {
      inspection.partial = true
      continue
    }
    read += text.length
    turn += text.length
    const left = treat(text, pointer, inspection, how)
    if (left !== text) {
      ;(holder as Record<string | number, unknown>)[key] = left
      changed = true
    }
    if (turn > sliceChars) {
      turn = 0
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return changed
}

function collect(
  holder: Record<string, unknown> | unknown[],
  key: string | number,
  pointer: string,
  depth: number,
  leaves: Leaf[],
  inspection: Inspection,
): void {
  const value = (holder as Record<string | number, unknown>)[key]
  if (typeof value === 'string') {
    leaves.push({ holder, key, pointer })
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (depth >= deepest) {
    inspection.partial = true
    return
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) collect(value, i, `${pointer}/${i}`, depth + 1, leaves, inspection)
    return
  }
  for (const name of Object.keys(value)) {
    const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    // A name is a text like any other; a short one is a word.
    if (name.length > 24) inspection.read(name, at)
    collect(value as Record<string, unknown>, name, at, depth + 1, leaves, inspection)
  }
}
