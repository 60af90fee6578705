import type { ContextDetector } from './detect/detector.ts'
import type { Inspection } from './inspection.ts'
import { LineTokens } from './line-tokens.ts'
import { isEnd, isSuspect, placeholderOf, type TreatOptions, treatText } from './treat-text.ts'

/** Characters of text that are held for the end of their sentence. */
const segmentChars = 512
/** Characters that were released and are read again with what comes after. */
const overlapChars = 128
/** Texts of different names that are held at once. */
const mostFlows = 16
/** Characters of framing that are held behind a text. */
const mostLiterals = 8_192
/** A part of a text that is longer is a text of its own: what comes after it begins anew. */
const longPart = 64
/** Some words, and no end of a sentence. */
const unfinished = /(?:\s\S{1,64}){4}[^\s.!?\u3002\uff01\uff1f]$/

export interface StreamReaderOptions {
  readonly kind: 'ndjson' | 'sse'
  readonly detector: ContextDetector
  readonly treatment: TreatOptions
  readonly inspection: Inspection
  /** Told of each text that leaves. */
  heard?(text: string): void
}

/** A part of the stream that is held. */
interface Part {
  /** As it stands in the stream, and as it leaves unless something is done about it. */
  out: string
  /** What it says; undefined for framing. */
  readonly said: string | undefined
  readonly json: boolean
}

/** A text that goes on over parts of the stream: the words of one member, event after event. */
interface Flow {
  parts: Part[]
  text: string
  /** What was released before. */
  before: string
}

/**
 * Reads a stream of events or lines as it comes. What is held is one segment: it leaves at the end of its sentence, after
 * 512 characters, or when `release` is called because it was waited for too long; the last two are said to be partial. Parts
 * of one text are read together across events, with 128 characters of what left before.
 */
export class StreamReader {
  readonly #options: StreamReaderOptions
  readonly #tokens: LineTokens
  readonly #flows = new Map<string, Flow>()
  #held: Part[] = []
  #chars = 0
  #literals = 0
  #out = ''

  constructor(options: StreamReaderOptions) {
    this.#options = options
    this.#tokens = new LineTokens(options.kind === 'sse', {
      literal: (text) => this.#literal(text),
      text: (raw, said, name, json) => this.#text(raw, said, name, json),
      end: (name) => this.#end(name),
    })
  }

  /** True while something is held. */
  get holds(): boolean {
    return this.#held.length > 0
  }

  get atLineStart(): boolean {
    return this.#tokens.atLineStart
  }

  /** Takes text in; returns what may leave. */
  feed(chunk: string): string {
    this.#tokens.feed(chunk)
    return this.#take()
  }

  /** Lets go of what was held too long. */
  release(): string {
    if (this.#isCut()) this.#options.inspection.partial = true
    this.#settle()
    return this.#take()
  }

  /** The last of it. */
  end(): string {
    this.#tokens.finish()
    this.#settle()
    return this.#take()
  }

  /**
   * Each part as it is left by itself, where that makes up what is left of all; else all of it in the first, so that what is
   * read in order is what was judged.
   */
  #replace(parts: readonly Part[], left: string): void {
    const { detector, treatment } = this.#options
    const alone = parts.map(({ said = '' }) => treatText(detector, said, treatment)?.left ?? said)
    const whole = alone.join('') === left
    for (const [i, part] of parts.entries()) {
      const said = whole ? (alone[i] ?? '') : i === 0 ? left : ''
      if (said !== part.said)
        part.out = part.json ? JSON.stringify(said).slice(1, -1) : said.replaceAll(/[\r\n]+/g, ' ')
    }
  }

  #take(): string {
    const out = this.#out
    this.#out = ''
    return out
  }

  #literal(text: string): void {
    if (this.#held.length === 0) {
      this.#out += text
      return
    }
    this.#literals += text.length
    const last = this.#held.at(-1)
    if (last?.said === undefined && last !== undefined) last.out += text
    else this.#held.push({ out: text, said: undefined, json: false })
    if (this.#literals > mostLiterals) this.#settle()
  }

  #text(raw: string, said: string, name: string, json: boolean): void {
    // What is long is cut into segments of its own; never inside an escape, which is one part.
    if (raw === said && said.length > segmentChars + 1) {
      for (let at = 0; at < said.length; ) {
        let to = at + segmentChars
        if (isHigh(said, to - 1)) to++
        const piece = said.slice(at, to)
        this.#text(piece, piece, name, json)
        at = to
      }
      return
    }
    let flow = this.#flows.get(name)
    if (flow === undefined) {
      if (this.#flows.size >= mostFlows) {
        this.#settle()
        this.#flows.clear()
      }
      flow = { parts: [], text: '', before: '' }
      this.#flows.set(name, flow)
    }
    const part = { out: raw, said, json }
    this.#held.push(part)
    flow.parts.push(part)
    flow.text += said
    this.#chars += said.length
    if (this.#chars >= segmentChars) {
      this.#settle()
    } else if (endsSentence(said)) this.#settle()
  }

  #end(name: string): void {
    const flow = this.#flows.get(name)
    if (flow === undefined) return
    const last = flow.parts.at(-1)?.said ?? ''
    const text = flow.text
    if (text.length > longPart || endsSentence(`${last} `)) {
      this.#settle()
      flow.before = `${flow.before}\n`.slice(-overlapChars)
    }
  }

  /** True where what is held ends in the middle of a text. */
  #isCut(): boolean {
    return this.#tokens.inText || [...this.#flows.values()].some(({ text }) => unfinished.test(text))
  }

  /** Reads what is held, and lets it leave. */
  #settle(): void {
    if (this.#held.length === 0) return
    for (const flow of this.#flows.values()) if (flow.parts.length > 0) this.#read(flow)
    for (const { out } of this.#held) this.#out += out
    this.#held = []
    this.#chars = 0
    this.#literals = 0
  }

  #read(flow: Flow): void {
    const { detector, treatment, inspection } = this.#options
    const { text, before, parts } = flow
    const together = treatText(detector, before + text, treatment)
    if (together !== undefined) inspection.add(together, () => '')
    let left = text
    if (together !== undefined && treatment.how !== 'leave') {
      const alone = before === '' ? together : treatText(detector, text, treatment)
      left = alone?.left ?? text
      const hidden = alone?.verdict.findings.some(isSuspect) !== true
      if (treatment.how === 'redact' && together.suspect && hidden) left = placeholderOf(text, treatment.key)
    }
    if (left !== text) this.#replace(parts, left)
    // With what left before: a destination that was cut is whole again.
    this.#options.heard?.(before + left)
    flow.before = (before + text).slice(-overlapChars)
    flow.text = ''
    flow.parts = []
  }
}

function isHigh(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return unit >= 0xd800 && unit <= 0xdbff
}

/** True where a text ends with the end of a sentence, so that nothing of it is still to come. */
function endsSentence(text: string): boolean {
  const last = text.charCodeAt(text.length - 1)
  if (last === 0x0a || last === 0x3002 || last === 0xff01 || last === 0xff1f) return true
  return last === 0x20 && text.length > 1 && isEnd(text, text.length - 2)
}
