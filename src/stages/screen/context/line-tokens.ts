/** Told what a stream is made of, in order and without a gap. */
export interface LineSink {
  /** What leaves as it is: framing, numbers, quotes. */
  literal(text: string): void
  /** A part of a text: as it stands in the stream, and what it says. `name`: the member it is the value of. */
  text(raw: string, said: string, name: string, json: boolean): void
  /** A text has ended. */
  end(name: string): void
}

const words = ['true', 'false', 'null']
/** Names by which parts of one text are kept apart from those of others. */
const longestName = 64
/** Containers that are followed; what is nested deeper is read under one name. */
const deepest = 128

/** What a line is read as. */
type State = 'field' | 'start' | 'json' | 'string' | 'escape' | 'plain'

/**
 * Splits lines of JSON, or events whose data is JSON or plain text, into framing and texts, character by character:
 * nothing is held but the escape that has begun. What is no JSON is a text.
 */
export class LineTokens {
  readonly #sse: boolean
  readonly #sink: LineSink
  #state: State
  /** Before `:` of an event's field. */
  #field = ''
  /** `{` holds the name of the member at hand, `[` that of the list. */
  #stack: { readonly list: boolean; name: string; key: boolean }[] = []
  #deep = 0
  #isKey = false
  #key = ''
  #escape = ''
  #word = ''
  #high = ''

  constructor(sse: boolean, sink: LineSink) {
    this.#sse = sse
    this.#sink = sink
    this.#state = sse ? 'field' : 'start'
  }

  /** Between two lines, where a line of our own could stand. */
  get atLineStart(): boolean {
    return this.#state === (this.#sse ? 'field' : 'start') && this.#field === ''
  }

  /** In a text that has not ended. */
  get inText(): boolean {
    return this.#state === 'string' || this.#state === 'escape' || this.#state === 'plain'
  }

  feed(chunk: string): void {
    let at = 0
    while (at < chunk.length) {
      switch (this.#state) {
        case 'field':
          at = this.#readField(chunk, at)
          break
        case 'start':
          at = this.#readStart(chunk, at)
          break
        case 'json':
          at = this.#readJson(chunk, at)
          break
        case 'string':
          at = this.#readString(chunk, at)
          break
        case 'escape':
          at = this.#readEscape(chunk, at)
          break
        case 'plain':
          at = this.#readPlain(chunk, at)
      }
    }
  }

  /** What has begun and will not go on. */
  finish(): void {
    if (this.#escape !== '') this.#sink.literal(this.#escape)
    if (this.#word !== '') this.#sink.literal(this.#word)
    this.#escape = ''
    this.#word = ''
    if (this.#field !== '') this.#sink.text(this.#field, this.#field, '', false)
    this.#field = ''
    if (this.inText) this.#sink.end(this.#nameOf())
  }

  /** The name of a field is held until it is known to be one: what no event has is a text. */
  #readField(chunk: string, from: number): number {
    let at = from
    while (
      at < chunk.length &&
      chunk[at] !== ':' &&
      chunk[at] !== '\n' &&
      this.#field.length + at - from < 16
    )
      at++
    this.#field += chunk.slice(from, at)
    if (at === chunk.length) return at
    const field = this.#field
    this.#field = ''
    if (chunk[at] === ':' && /^(?:data|event|id|retry)?$/.test(field)) {
      this.#sink.literal(`${field}:`)
      this.#state = field === 'data' ? 'start' : 'plain'
      return at + 1
    }
    if (/^\r?$/.test(field) && chunk[at] === '\n') {
      this.#sink.literal(`${field}\n`)
      return at + 1
    }
    this.#state = 'plain'
    if (field !== '') this.#sink.text(field, field, '', false)
    return at
  }

  #readStart(chunk: string, from: number): number {
    let at = from
    while (chunk[at] === ' ' || chunk[at] === '\t' || chunk[at] === '\r' || chunk[at] === '\x1e') at++
    if (at > from) this.#sink.literal(chunk.slice(from, at))
    const sign = chunk[at]
    if (sign === undefined) return at
    if (sign === '\n') {
      this.#sink.literal('\n')
      this.#endLine()
      return at + 1
    }
    this.#state = this.#stack.length > 0 || /[[{"\d-]|t|f|n/.test(sign) ? 'json' : 'plain'
    return at
  }

  #readJson(chunk: string, from: number): number {
    const sign = chunk[from] as string
    if (this.#word !== '' || /[a-z]/.test(sign)) return this.#readWord(chunk, from)
    switch (sign) {
      case '"': {
        const top = this.#stack.at(-1)
        this.#isKey = top !== undefined && !top.list && top.key
        this.#key = ''
        this.#sink.literal('"')
        this.#state = 'string'
        return from + 1
      }
      case '{':
      case '[':
        if (this.#stack.length >= deepest) this.#deep++
        else this.#stack.push({ list: sign === '[', name: this.#nameOf(), key: sign === '{' })
        break
      case '}':
      case ']':
        if (this.#deep > 0) this.#deep--
        else this.#stack.pop()
        break
      case ':':
        this.#setKey(false)
        break
      case ',':
        this.#setKey(true)
        break
      case '\n':
        this.#sink.literal('\n')
        this.#endLine()
        return from + 1
      default:
        if (!/[\s\d+\-.E]/.test(sign)) {
          // No JSON after all: the rest of the line is a text.
          this.#stack = []
          this.#deep = 0
          this.#state = 'plain'
          return from
        }
    }
    this.#sink.literal(sign)
    return from + 1
  }

  #readWord(chunk: string, from: number): number {
    const sign = chunk[from] as string
    if (/[a-z]/.test(sign)) {
      const word = this.#word + sign
      // The exponent of a number.
      if (word === 'e') {
        this.#sink.literal(word)
        return from + 1
      }
      if (words.some((known) => known.startsWith(word))) {
        this.#word = word
        return from + 1
      }
      this.#word = ''
      this.#stack = []
      this.#deep = 0
      this.#state = 'plain'
      this.#sink.text(word, word, '', false)
      return from + 1
    }
    this.#sink.literal(this.#word)
    this.#word = ''
    return from
  }

  #readString(chunk: string, from: number): number {
    let at = from
    while (at < chunk.length) {
      const unit = chunk.charCodeAt(at)
      if (unit === 0x22 || unit === 0x5c || unit === 0x0a) break
      at++
    }
    if (at > from) this.#say(chunk.slice(from, at), chunk.slice(from, at))
    const sign = chunk[at]
    if (sign === undefined) return at
    if (sign === '\\') {
      this.#escape = '\\'
      this.#state = 'escape'
      return at + 1
    }
    this.#sink.end(this.#isKey ? '' : this.#nameOf())
    this.#sink.literal(sign)
    if (sign === '\n') this.#endLine()
    else {
      if (this.#isKey) this.#named()
      this.#state = 'json'
    }
    return at + 1
  }

  #readEscape(chunk: string, from: number): number {
    this.#escape += chunk[from]
    const whole = this.#escape[1] === 'u' ? this.#escape.length === 6 : true
    if (!whole) return from + 1
    let said: string
    try {
      said = JSON.parse(`"${this.#escape}"`) as string
    } catch {
      said = this.#escape
    }
    const raw = this.#escape
    this.#escape = ''
    this.#state = 'string'
    this.#say(raw, said)
    return from + 1
  }

  #readPlain(chunk: string, from: number): number {
    const end = chunk.indexOf('\n', from)
    const at = end < 0 ? chunk.length : end
    if (at > from) {
      const raw = chunk.slice(from, at)
      const said = raw.endsWith('\r') ? raw.slice(0, -1) : raw
      if (said !== '') this.#sink.text(said, said, '', false)
      if (said !== raw) this.#sink.literal('\r')
    }
    if (end < 0) return at
    this.#sink.end('')
    this.#sink.literal('\n')
    this.#endLine()
    return end + 1
  }

  /** Halves of a character that were written as two escapes are one text. */
  #say(raw: string, said: string): void {
    if (this.#isKey) this.#key = (this.#key + said).slice(0, longestName)
    const last = said.charCodeAt(said.length - 1)
    if (last >= 0xd800 && last <= 0xdbff && raw.startsWith('\\')) {
      this.#high += raw
      return
    }
    const whole = this.#high + raw
    if (this.#high !== '') {
      this.#high = ''
      let pair = said
      try {
        pair = JSON.parse(`"${whole}"`) as string
      } catch {
        pair = whole
      }
      this.#sink.text(whole, pair, this.#isKey ? '' : this.#nameOf(), true)
      return
    }
    this.#sink.text(raw, said, this.#isKey ? '' : this.#nameOf(), true)
  }

  #named(): void {
    const top = this.#stack.at(-1)
    if (top !== undefined) top.name = this.#key
  }

  #setKey(key: boolean): void {
    const top = this.#stack.at(-1)
    if (top !== undefined && !top.list) top.key = key
  }

  #nameOf(): string {
    return this.#deep > 0 ? '' : (this.#stack.at(-1)?.name ?? '')
  }

  #endLine(): void {
    if (this.#state === 'string' || this.#state === 'escape') this.#stack = []
    if (!this.#sse) {
      this.#stack = []
      this.#deep = 0
    }
    this.#isKey = false
    this.#word = ''
    this.#state = this.#sse ? 'field' : 'start'
  }
}
