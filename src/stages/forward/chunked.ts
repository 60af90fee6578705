import { HeadScanner } from './head-scanner.ts'
import { malformed } from './malformed.ts'
import { CR, HT, LF, octets, SP, TOKEN } from './octets.ts'

const SIZE = 0
const EXTENSION = 1
const QUOTED = 2
const ESCAPED = 3
const SIZE_LF = 4
const DATA = 5
const DATA_CR = 6
const DATA_LF = 7
const TRAILERS = 8
const DONE = 9

/** Octets of chunk extensions that one body may have (RFC 9112 section 7.1.1 asks for a limit). */
const MAX_EXTENSIONS = 1024
/** Hex digits of a chunk size: 2^52 - 1 at most. */
const MAX_DIGITS = 13

const SEMICOLON = 59
const EQUALS = 61
const QUOTE = 34
const BACKSLASH = 92

/** Receives runs of body octets: views that are valid during the call only. */
export type TakeBytes = (bytes: Buffer, start: number, end: number) => void

/**
 * The chunked coding (RFC 9112 section 7.1), to the letter: hex digits alone, CRLF alone. Extensions and
 * trailers are checked and dropped. Throws `FORWARD_MALFORMED`.
 */
export class ChunkedDecoder {
  readonly #trailers = new HeadScanner()
  readonly #take: TakeBytes
  #state = SIZE
  #size = 0
  #digits = 0
  #extensions = 0

  constructor(take: TakeBytes) {
    this.#take = take
  }

  get done(): boolean {
    return this.#state === DONE
  }

  begin(): void {
    this.#state = SIZE
    this.#size = 0
    this.#digits = 0
    this.#extensions = 0
  }

  /** Reads octets `[from, end)`; returns the index where it stopped: `end`, or the octet after the body. */
  decode(bytes: Buffer, from: number, end: number): number {
    let i = from
    while (i < end && this.#state !== DONE) {
      const state = this.#state
      if (state === DATA) {
        const run = Math.min(end - i, this.#size)
        this.#take(bytes, i, i + run)
        i += run
        this.#size -= run
        if (this.#size === 0) this.#state = DATA_CR
      } else if (state === TRAILERS) {
        const next = this.#trailers.scan(bytes, i, end)
        if (next === -1) return end
        i = next
        this.#state = DONE
      } else this.#step(state, bytes[i++] as number)
    }
    return i
  }

  #step(state: number, c: number): void {
    switch (state) {
      case SIZE: {
        const digit = hexDigit(c)
        if (digit >= 0) {
          if (++this.#digits > MAX_DIGITS) throw malformed('chunk size')
          this.#size = this.#size * 16 + digit
        } else if (this.#digits === 0) throw malformed('chunk size')
        else if (c === CR) this.#state = SIZE_LF
        else if (c === SEMICOLON) this.#state = EXTENSION
        else throw malformed('chunk size')
        return
      }
      case SIZE_LF:
        if (c !== LF) throw malformed('chunk line')
        if (this.#size === 0) this.#trailers.beginTrailers()
        this.#state = this.#size === 0 ? TRAILERS : DATA
        this.#digits = 0
        return
      case DATA_CR:
        if (c !== CR) throw malformed('chunk end')
        this.#state = DATA_LF
        return
      case DATA_LF:
        if (c !== LF) throw malformed('chunk end')
        this.#state = SIZE
        return
      default:
        this.#extension(state, c)
    }
  }

  #extension(state: number, c: number): void {
    if (++this.#extensions > MAX_EXTENSIONS) throw malformed('chunk extensions')
    if (state === EXTENSION) {
      if (c === CR) this.#state = SIZE_LF
      else if (c === QUOTE) this.#state = QUOTED
      else if (
        c !== SEMICOLON &&
        c !== EQUALS &&
        c !== SP &&
        c !== HT &&
        ((octets[c] as number) & TOKEN) === 0
      )
        throw malformed('chunk extensions')
    } else if (c < SP || c > 126) throw malformed('chunk extensions')
    else if (state === ESCAPED) this.#state = QUOTED
    else if (c === BACKSLASH) this.#state = ESCAPED
    else if (c === QUOTE) this.#state = EXTENSION
  }
}

function hexDigit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48
  if (c >= 97 && c <= 102) return c - 87
  return c >= 65 && c <= 70 ? c - 55 : -1
}
