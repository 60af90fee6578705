import type { Cut, Sanitised } from './sanitised.ts'

/** Anything beyond ASCII that cannot be seen; one test decides whether the walk below is needed. */
const unseen = /\p{Default_Ignorable_Code_Point}|[\u0080-\u009f\ufff9-\ufffb]/u

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/
/** Scripts whose joiners change what is seen: Arabic and Syriac, the Indic scripts, Mongolian. */
const joining =
  /[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1a00-\u1aff\ufb50-\ufdff\ufe70-\ufefc]/
/** Scripts without blanks, whose line breaks a zero-width space marks. */
const unspaced = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af]/
const pictograph = /\p{Extended_Pictographic}|[\u{1f3fb}-\u{1f3ff}\u{1f1e6}-\u{1f1ff}\ufe0f\u20e3]/u

const flag = 0x1f3f4
const cancelTag = 0xe007f

/**
 * Takes invisible characters out where they do not belong to the script around them: tags outside flags, runs of
 * variation selectors, direction overrides, joiners between Latin letters. What they spell is kept for scoring.
 */
export function stripUnseen(sanitised: Sanitised): void {
  const { text } = sanitised
  if (!unseen.test(text)) return
  const rtl = rightToLeft.test(text)
  const points = Array.from(text)
  const cuts: Cut[] = []
  const spelled = new Spelled()
  let removed = 0
  let at = 0
  for (let i = 0; i < points.length; i++) {
    const sign = points[i] as string
    const point = sign.codePointAt(0) as number
    const from = at
    at += sign.length
    if (point < 0x80) continue
    if (point >= 0xe0000 && point <= 0xe007f) {
      const end = flagEnd(points, i)
      if (end > i) {
        for (; i < end; i++) at += (points[i + 1] as string).length
        continue
      }
      if (point > 0xe001f && point < cancelTag) spelled.tags += String.fromCharCode(point - 0xe0000)
    } else {
      const selector = selectorValue(point)
      if (selector >= 0) {
        const run = selectorValue((points[i + 1] ?? '').codePointAt(0) ?? 0) >= 0
        if (!run && selectorValue((points[i - 1] ?? '').codePointAt(0) ?? 0) < 0) continue
        spelled.selectors.push(selector)
      } else {
        if (isBit(point)) spelled.bits += sign
        if (isKept(points, i, point, rtl)) continue
      }
    }
    removed++
    const last = cuts.at(-1)
    if (last?.to === from) cuts[cuts.length - 1] = { from: last.from, to: at, put: '' }
    else cuts.push({ from, to: at, put: '' })
  }
  const [first, last] = [cuts[0], cuts.at(-1)]
  if (first === undefined || last === undefined) return
  sanitised.count('invisible', removed)
  for (const said of spelled.texts()) {
    sanitised.payload ??= sanitised.spanOf(first.from, last.to)
    sanitised.hide(said, 'invisible', first.from, last.to)
  }
  for (const { 1: inside = '', index } of text.matchAll(/[\u202e\u202d]([^\u202c\u202a-\u202e\n]{4,4000})/g))
    sanitised.hide(Array.from(inside).reverse().join(''), 'invisible', index, index + inside.length + 1)
  sanitised.edit(cuts)
}

/** What invisible signs spell. */
class Spelled {
  tags = ''
  bits = ''
  readonly selectors: number[] = []

  texts(): string[] {
    const texts = [readable(Buffer.from(this.selectors)), readBits(this.bits)]
    if (this.tags.length > 3) texts.push(this.tags)
    return texts.filter((said) => said !== undefined)
  }
}

/** Zero-width signs that bits are written with. */
function isBit(point: number): boolean {
  return point === 0x200b || point === 0x200c || point === 0x200d || point === 0x2060 || point === 0xfeff
}

/** Index of the cancel tag of a flag of a region (UTS 51: black flag and at most six tags) that this tag is in, else -1. */
function flagEnd(points: readonly string[], at: number): number {
  if ((points[at - 1] ?? '').codePointAt(0) !== flag) return -1
  for (let i = at; i < at + 7; i++) {
    const point = (points[i] ?? '').codePointAt(0) ?? 0
    if (point === cancelTag) return i > at + 2 ? i : -1
    const plain = point - 0xe0000
    if (!((plain >= 0x30 && plain <= 0x39) || (plain >= 0x61 && plain <= 0x7a))) return -1
  }
  return -1
}

/** The byte that a variation selector stands for, or -1. */
function selectorValue(point: number): number {
  if (point >= 0xfe00 && point <= 0xfe0f) return point - 0xfe00
  if (point >= 0xe0100 && point <= 0xe01ef) return point - 0xe0100 + 16
  return -1
}

/** Whether a sign that cannot be seen belongs where it stands. */
function isKept(points: readonly string[], at: number, point: number, rtl: boolean): boolean {
  const before = points[at - 1] ?? ''
  const after = points[at + 1] ?? ''
  switch (point) {
    case 0x200d:
      return joining.test(before) || (pictograph.test(before) && pictograph.test(after))
    case 0x200c:
      return joining.test(before) && joining.test(after)
    case 0x200b:
      return unspaced.test(before) && unspaced.test(after)
    case 0x200e:
    case 0x200f:
    case 0x061c:
    case 0x2066:
    case 0x2067:
    case 0x2068:
    case 0x2069:
    case 0x202a:
    case 0x202b:
    case 0x202c:
      return rtl
    case 0x115f:
    case 0x1160:
      return /[\u1100-\u11ff\uac00-\ud7af]/.test(before + after)
    case 0x034f:
      return /\p{M}/u.test(before) || /\p{M}/u.test(after)
    default:
      if (point >= 0x180b && point <= 0x180f) return joining.test(before)
      return !unseen.test(String.fromCodePoint(point))
  }
}

/** A run of two kinds of zero-width signs as bits, eight to a letter, either way round. */
function readBits(signs: string): string | undefined {
  if (signs.length < 32) return undefined
  const kinds = [...new Set(signs)]
  if (kinds.length < 2) return undefined
  const [zero, one] = [kinds[0] as string, kinds[1] as string]
  const plain = signs.split('').filter((sign) => sign === zero || sign === one)
  for (const set of [one, zero]) {
    const bytes = new Uint8Array(plain.length >> 3)
    for (let i = 0; i < bytes.length * 8; i++)
      if (plain[i] === set) bytes[i >> 3] = (bytes[i >> 3] as number) | (0x80 >> (i & 7))
    const text = readable(Buffer.from(bytes))
    if (text !== undefined) return text
  }
  return undefined
}

/** The text that bytes are, where nearly all of it can be read. */
export function readable(bytes: Buffer): string | undefined {
  if (bytes.length < 4) return undefined
  const text = bytes.toString('utf8')
  let seen = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if ((unit > 0x1f && unit < 0x7f) || unit === 9 || unit === 10 || unit === 13) seen++
    else if (unit > 0x9f && unit !== 0xfffd) seen += 0.7
  }
  return seen >= text.length * 0.9 ? text : undefined
}
