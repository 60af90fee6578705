import { LineTokens } from '../context/line-tokens.ts'
import type { FoundSecret, SecretSearch } from './find-secrets.ts'
import { holdFrom } from './hold-from.ts'
import type { SecretKind } from './secret-kinds.ts'

export interface StreamSecretsOptions {
  readonly kind: 'ndjson' | 'sse'
  readonly search: SecretSearch
  /** True where what is found leaves all the same. */
  readonly watching: boolean
  /** Told of each secret; `name`: the member it stands in, empty for a text of its own. */
  found(kind: SecretKind, name: string): void
  /** Told once where something had to leave before it was known what it is. */
  cut(): void
}

/** A part of the stream, in its order. */
interface Item {
  raw: string
  /** What it says; undefined for framing. */
  said: string | undefined
  readonly json: boolean
  /** Nothing that comes can change it any more. */
  decided: boolean
  /** A text ended before it. */
  readonly begins: 'short' | 'long' | undefined
}

/** A text that goes on over parts: the words of one member, event after event. */
interface Flow {
  readonly name: string
  /** What left before. */
  before: string
  items: Item[]
  /** That the last text of it has ended, and whether it was a long one. */
  ended: 'short' | 'long' | undefined
  /** Characters of the text that goes on. */
  chars: number
}

/** Characters that left and are looked at again with what follows: a secret whose beginning left is still found. */
const contextChars = 512
/** The same behind the first line of a private key. */
const keyChars = 16_640
/** Characters that are held at most, of one text and of framing behind one. */
const mostHeld = 20_480
const mostFramed = 262_144
const mostFlows = 16
/** A text that is longer is none of the words in which models write. */
const shortText = 12
/** Characters that tell whether something begins behind them. */
const edgeChars = 64
/** Kinds that two texts never make together: two numbers in two records are not one number, two addresses not one. */
const apart: ReadonlySet<SecretKind> = new Set(['card-number', 'iban', 'national-id'])

/**
 * Looks for secrets in a stream of events or lines as it comes, whatever pieces it comes in: in one string, cut inside an escape,
 * or word by word over events. Held is only what may be the beginning of one, and what stands behind it.
 */
export class StreamSecrets {
  readonly #options: StreamSecretsOptions
  readonly #tokens: LineTokens
  readonly #flows = new Map<string, Flow>()
  #queue: Item[] = []
  #framed = 0
  #out = ''

  constructor(options: StreamSecretsOptions) {
    this.#options = options
    this.#tokens = new LineTokens(options.kind === 'sse', {
      literal: (text) => this.#literal(text),
      text: (raw, said, name, json) => this.#text(raw, said, name, json),
      end: (name) => this.#end(name),
    })
  }

  get holds(): boolean {
    return this.#queue.length > 0
  }

  feed(chunk: string): string {
    this.#tokens.feed(chunk)
    return this.#take()
  }

  /**
   * Lets go of what was held too long. `final`: also of what has begun as a secret; the rest of it is still found when it comes.
   */
  release(final: boolean): string {
    for (const flow of this.#flows.values()) {
      if (flow.items.length === 0) continue
      if (final || !holdFrom(textOf(flow)).begun) {
        if (final) this.#options.cut()
        this.#settle(flow, true)
      }
    }
    return this.#take()
  }

  end(): string {
    this.#tokens.finish()
    for (const flow of this.#flows.values()) this.#settle(flow, true)
    return this.#take()
  }

  /** A text has ended. What is short may be a word of a longer one; what is not is looked at as it is. */
  #end(name: string): void {
    const flow = this.#flows.get(name)
    if (flow === undefined || flow.ended !== undefined) return
    flow.ended = flow.chars > shortText ? 'long' : 'short'
    if (flow.ended === 'long' || !mayGoOn(flow.before + textOf(flow))) this.#settle(flow, true)
    flow.chars = 0
  }

  #literal(raw: string): void {
    const last = this.#queue.at(-1)
    if (last !== undefined && last.said === undefined) last.raw += raw
    else if (last === undefined) this.#out += raw
    else this.#queue.push({ raw, said: undefined, json: false, decided: true, begins: undefined })
    if (this.#queue.length === 0) return
    this.#framed += raw.length
    if (this.#framed > mostFramed) this.#overflow()
  }

  #text(raw: string, said: string, name: string, json: boolean): void {
    let flow = this.#flows.get(name)
    if (flow === undefined) {
      if (this.#flows.size >= mostFlows) this.#forget()
      flow = { name, before: '', items: [], ended: undefined, chars: 0 }
      this.#flows.set(name, flow)
    }
    const item: Item = { raw, said, json, decided: false, begins: flow.ended }
    flow.ended = undefined
    flow.chars += said.length
    this.#queue.push(item)
    flow.items.push(item)
    this.#settle(flow, false)
  }

  /** The flow that was there longest makes room. */
  #forget(): void {
    const [first] = this.#flows.values()
    if (first === undefined) return
    this.#settle(first, true)
    this.#flows.delete(first.name)
  }

  #overflow(): void {
    this.#options.cut()
    for (const flow of this.#flows.values()) this.#settle(flow, true)
  }

  /** Decides what can be decided of a flow; all of it where `all`. */
  #settle(flow: Flow, all: boolean): void {
    if (flow.items.length === 0) return
    const text = textOf(flow)
    const whole = flow.before + text
    const found = this.#search(flow, whole)
    let until = text.length
    if (!all) {
      until = Math.max(0, holdFrom(whole).from - flow.before.length)
      // What reaches the end may go on, or be nothing.
      for (const { from, to } of found)
        if (to === whole.length) until = Math.min(until, Math.max(0, from - flow.before.length))
      for (const { from, to } of found) {
        const at = from - flow.before.length
        if (at < until && to - flow.before.length > until) until = Math.max(0, at)
      }
      if (text.length - until > mostHeld) {
        this.#options.cut()
        until = text.length
      }
    }
    if (until === 0) return
    this.#decide(flow, until, found, flow.before.length)
    const left = whole.slice(0, flow.before.length + until)
    // What is held begins behind it; only what had to leave early may go on.
    flow.before = left.slice(until === text.length && mayGoOn(left) ? -contextOf(left) : -edgeChars)
    this.#drain()
  }

  #search({ before, items }: Flow, whole: string): readonly FoundSecret[] {
    const found = this.#options.search.find(whole)
    if (found.length === 0) return found
    const edges: { readonly at: number; readonly long: boolean }[] = []
    let at = before.length
    for (const { said = '', begins } of items) {
      if (begins !== undefined) edges.push({ at, long: begins === 'long' })
      at += said.length
    }
    const divides = (kind: SecretKind, long: boolean): boolean =>
      apart.has(kind) || (long && kind === 'connection-string')
    return found.filter(
      ({ kind, from, to }) =>
        to > before.length &&
        !edges.some((edge) => edge.at > from && edge.at < to && divides(kind, edge.long)),
    )
  }

  /** The parts of a flow up to `until` characters of it, without what was found there. */
  #decide(flow: Flow, until: number, found: readonly FoundSecret[], offset: number): void {
    const { watching, found: tell } = this.#options
    const secrets = found.filter(({ from }) => from - offset < until)
    for (const { kind } of secrets) tell(kind, flow.name)
    let at = 0
    while (at < until) {
      const item = flow.items[0]
      if (item === undefined) return
      const said = item.said ?? ''
      if (at + said.length > until) this.#split(flow, item, until - at)
      const length = (item.said ?? '').length
      if (!watching && secrets.length > 0) redact(item, at, secrets, offset)
      item.decided = true
      flow.items.shift()
      at += length
    }
  }

  /** Only a part that is written as it is read can be longer than one escape. */
  #split(flow: Flow, item: Item, at: number): void {
    const said = item.said ?? ''
    if (item.raw !== said) return
    const rest: Item = { ...item, raw: said.slice(at), said: said.slice(at), begins: undefined }
    item.raw = said.slice(0, at)
    item.said = item.raw
    flow.items.splice(1, 0, rest)
    this.#queue.splice(this.#queue.indexOf(item) + 1, 0, rest)
  }

  #drain(): void {
    let n = 0
    for (; n < this.#queue.length; n++) {
      const item = this.#queue[n]
      if (item === undefined || !item.decided) break
      this.#out += item.raw
      if (item.said === undefined) this.#framed -= item.raw.length
    }
    if (n > 0) this.#queue.splice(0, n)
    if (this.#queue.length === 0) this.#framed = 0
  }

  #take(): string {
    const out = this.#out
    this.#out = ''
    return out
  }
}

function textOf({ items }: Flow): string {
  return items.length === 1 ? (items[0]?.said ?? '') : items.map(({ said }) => said ?? '').join('')
}

function contextOf(left: string): number {
  return left.lastIndexOf('-----BEGIN ') >= 0 ? keyChars : contextChars
}

/** True where what left may be the beginning of a secret. */
function mayGoOn(before: string): boolean {
  return holdFrom(before, true).from < before.length
}

/** Takes out of one part what overlaps a secret; the first part of one gets the word in its place. */
function redact(item: Item, at: number, secrets: readonly FoundSecret[], offset: number): void {
  const said = item.said ?? ''
  let out = ''
  let done = 0
  for (const { kind, from, to } of secrets.toSorted((a, b) => a.from - b.from)) {
    const start = Math.max(from - offset - at, done)
    const end = Math.min(to - offset - at, said.length)
    if (end <= start || start >= said.length) continue
    out += said.slice(done, start)
    // A secret whose beginning has left is named where the rest of it would begin.
    const first = from - offset >= at || (at === 0 && from < offset)
    if (first) out += `[removed: ${kind}]`
    done = end
  }
  out += said.slice(done)
  if (out === said) return
  item.raw = item.json ? JSON.stringify(out).slice(1, -1) : out
}
