import { malformed } from './malformed.ts'
import { COLON, CR, HT, LF, octets, SP, TEXT, TOKEN } from './octets.ts'

const START = 0
const REASON = 1
const REASON_LF = 2
const FIELD = 3
const NAME = 4
const SPACE = 5
const VALUE = 6
const VALUE_LF = 7
const END_LF = 8

const prefix = Buffer.from('HTTP/1.', 'latin1')

/** Most octets of a reply head, or of a trailer section. */
export const MAX_HEAD = 65_536
/** Most fields of a reply head, or of a trailer section. */
export const MAX_FIELDS = 100

/**
 * Finds the end of a reply head, or of a trailer section, octet by octet, and where its names and values are.
 * Takes only the grammar itself (RFC 9112 sections 4 and 5): no bare LF, no obs-fold, no space before a colon,
 * no control octet. Throws `FORWARD_MALFORMED` at the first octet that cannot be.
 */
export class HeadScanner {
  /** Offsets from the start of the head: name start, name end, value start, value end … */
  readonly marks: number[] = []
  /** Octets of the section so far. */
  length = 0
  fields = 0
  #state = START

  begin(): void {
    this.#reset(START)
  }

  beginTrailers(): void {
    this.#reset(FIELD)
  }

  #reset(state: number): void {
    this.marks.length = 0
    this.length = 0
    this.fields = 0
    this.#state = state
  }

  /**
   * Reads octets `[from, end)`. Returns the index after the section, or -1 when it goes on. The offsets in
   * `marks` count from the first octet of the section wherever it was read.
   */
  scan(bytes: Uint8Array, from: number, end: number): number {
    const marks = this.marks
    const base = from - this.length
    const stop = Math.min(end, base + MAX_HEAD)
    let state = this.#state
    let i = from
    while (i < stop) {
      const c = bytes[i] as number
      switch (state) {
        case START: {
          const at = i - base
          if (at < 7) {
            if (c !== prefix[at]) throw malformed('not an HTTP/1 status line')
          } else if (at === 7) {
            if (c !== 48 && c !== 49) throw malformed('HTTP version')
          } else if (at === 8) {
            if (c !== SP) throw malformed('status line')
          } else if (at < 12) {
            if (c < (at === 9 ? 49 : 48) || c > (at === 9 ? 53 : 57)) throw malformed('status code')
          } else if (c === SP) state = REASON
          else if (c === CR) state = REASON_LF
          else throw malformed('status line')
          break
        }
        case REASON:
          if (c === CR) state = REASON_LF
          else if (((octets[c] as number) & TEXT) === 0) throw malformed('control octet in the status line')
          break
        case REASON_LF:
        case VALUE_LF:
          if (c !== LF) throw malformed('bare CR')
          state = FIELD
          break
        case FIELD:
          if (c === CR) {
            state = END_LF
            break
          }
          if (((octets[c] as number) & TOKEN) === 0)
            throw malformed(c === SP || c === HT ? 'obs-fold' : 'field name')
          if (++this.fields > MAX_FIELDS) throw malformed('too many fields')
          marks.push(i - base)
          state = NAME
          break
        case NAME: {
          let n = c
          while (((octets[n] as number) & TOKEN) !== 0 && ++i < stop) n = bytes[i] as number
          if (i === stop) continue
          if (n !== COLON) throw malformed('field name')
          marks.push(i - base)
          state = SPACE
          break
        }
        case SPACE:
          if (c === SP || c === HT) break
          marks.push(i - base)
          state = VALUE
          continue
        case VALUE: {
          let v = c
          while (((octets[v] as number) & TEXT) !== 0 && ++i < stop) v = bytes[i] as number
          if (i === stop) continue
          if (v !== CR) throw malformed('control octet in a field')
          marks.push(i - base)
          state = VALUE_LF
          break
        }
        default:
          if (c !== LF) throw malformed('bare CR')
          this.length = i + 1 - base
          return i + 1
      }
      i++
    }
    if (stop < end) throw malformed('head too large')
    this.#state = state
    this.length = i - base
    return -1
  }
}
