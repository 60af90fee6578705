/** What was taken out of texts, by kind; the kinds are the keys of `Context-Sanitized`. */
export type SanitisedKind =
  | 'invisible'
  | 'control'
  | 'chat-template'
  | 'html-comment'
  | 'html-hidden'
  | 'md-comment'
  | 'md-image'
  | 'md-link'

/** A part of a text that gives way to another, from `from` to before `to`. `put` is never longer than the part. */
export interface Cut {
  readonly from: number
  readonly to: number
  readonly put: string
}

/** What a hidden part said, decoded where it encoded something, and where it stood in the given text. */
export interface HiddenPart {
  readonly text: string
  readonly kind: 'invisible' | 'markup'
  readonly start: number
  readonly end: number
}

/** Hidden parts of one text that are read. */
const mostHidden = 64

/** A text without what nobody sees, and what was in there. Knows of each place where it was in the given text. */
export class Sanitised {
  text: string
  readonly counts: Map<SanitisedKind, number> = new Map()
  readonly hidden: HiddenPart[] = []
  /** Invisible characters spelled out a text: nobody does that by chance. Where, in the given text. */
  payload: { readonly start: number; readonly end: number } | undefined
  /** Likewise for a token of a chat template. */
  template: { readonly start: number; readonly end: number } | undefined
  /** There were more hidden parts than are read. */
  partial = false
  readonly #passes: (readonly Cut[])[] = []

  constructor(text: string) {
    this.text = text
  }

  count(kind: SanitisedKind, by = 1): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + by)
  }

  /** Notes what a part says that is about to be cut out of the text as it is now. */
  hide(text: string, kind: HiddenPart['kind'], from: number, to: number): void {
    if (text.length < 4) return
    if (this.hidden.length >= mostHidden) this.partial = true
    else this.hidden.push({ text, kind, ...this.spanOf(from, to) })
  }

  /** Makes the cuts, which are in order and do not overlap. */
  edit(cuts: readonly Cut[]): void {
    if (cuts.length === 0) return
    const { text } = this
    let left = ''
    let at = 0
    for (const { from, to, put } of cuts) {
      left += text.slice(at, from) + put
      at = to
    }
    this.text = left + text.slice(at)
    this.#passes.push(cuts)
  }

  /** Where a part of the text as it is now stood in the given text. */
  spanOf(from: number, to: number): { readonly start: number; readonly end: number } {
    const start = this.#originOf(from)
    return { start, end: to > from ? Math.max(start, this.#originOf(to - 1) + 1) : start }
  }

  #originOf(at: number): number {
    let place = at
    for (let n = this.#passes.length - 1; n >= 0; n--) {
      let shift = 0
      for (const { from, to, put } of this.#passes[n] as readonly Cut[]) {
        const stands = from - shift
        if (place < stands) break
        if (place < stands + put.length) {
          shift = from - place
          break
        }
        shift += to - from - put.length
      }
      place += shift
    }
    return place
  }
}
