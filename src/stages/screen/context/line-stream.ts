import { Transform, type TransformCallback } from 'node:stream'
import { parseJson, printableValue, printJson } from '../../../media/json.ts'
import type { Inspection } from './inspection.ts'
import { type Treatment, treat, treatValue } from './rewrite.ts'

/** Bytes of one line or event that are held; a longer one passes unread, and `partial` is said. */
const longestLine = 65_536
/** How long a line that has not ended is held. */
const heldMs = 50

export interface LineStreamOptions {
  readonly kind: 'ndjson' | 'sse'
  readonly inspection: Inspection
  readonly treatment: Treatment
  /** Called once, when the last byte has left or cannot. */
  over(inspection: Inspection): void
}

/**
 * Reads a stream line by line, as it comes. A line leaves when it has ended, is too long, or was waited for too long; the
 * last two leave unread and `inspection.partial` is set. UTF-8 is never cut: a line ends at an octet below 0x80.
 */
export class LineStream extends Transform {
  readonly #options: LineStreamOptions
  #held: Buffer[] = []
  #length = 0
  /** The rest of this line leaves as it comes. */
  #passing = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: LineStreamOptions) {
    super()
    this.#options = options
    this.once('close', () => {
      clearTimeout(this.#timer)
      options.over(options.inspection)
    })
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#take(chunk).then(
      () => done(),
      (error: Error) => done(error),
    )
  }

  override _flush(done: TransformCallback): void {
    clearTimeout(this.#timer)
    this.#line(Buffer.concat(this.#held)).then(
      (left) => done(null, left),
      (error: Error) => done(error),
    )
  }

  async #take(chunk: Buffer): Promise<void> {
    let from = 0
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      const part = chunk.subarray(from, end + 1)
      from = end + 1
      if (this.#passing) {
        this.push(part)
        this.#passing = false
        continue
      }
      const line = this.#held.length === 0 ? part : Buffer.concat([...this.#held, part])
      this.#release()
      this.push(await this.#line(line))
    }
    if (from === chunk.length) return
    const rest = chunk.subarray(from)
    if (this.#passing) {
      this.push(rest)
      return
    }
    this.#held.push(rest)
    this.#length += rest.length
    if (this.#length > longestLine) this.#letPass()
    else this.#timer ??= setTimeout(() => this.#letPass(), heldMs).unref()
  }

  #release(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#held = []
    this.#length = 0
  }

  /** What is held leaves unread. */
  #letPass(): void {
    this.#options.inspection.partial = true
    const held = Buffer.concat(this.#held)
    this.#release()
    this.#passing = true
    if (held.length > 0) this.push(held)
  }

  async #line(line: Buffer): Promise<Buffer> {
    const { kind, inspection, treatment } = this.#options
    if (line.length === 0) return line
    if (kind === 'ndjson') return jsonLine(line, inspection, treatment)
    const text = line.toString('utf8')
    const field = /^(data: ?)(.*?)(\r?\n?)$/s.exec(text)
    if (field === null) {
      // Comments, event names and ids are texts, too; they are read, not changed.
      inspection.read(text, '')
      return line
    }
    const [, name = '', data = '', end = ''] = field
    const json = /^[[{"]/.test(data) ? await jsonLine(Buffer.from(data), inspection, treatment) : undefined
    const left = json?.toString('utf8') ?? treat(data, '', inspection, treatment)
    return left === data
      ? line
      : Buffer.from(`${name}${left.replaceAll(/\r?\n/g, `${end || '\n'}${name}`)}${end}`)
  }
}

/** One JSON text on a line; what is no JSON is read as a text. */
async function jsonLine(line: Buffer, inspection: Inspection, treatment: Treatment): Promise<Buffer> {
  const json = parseJson(line)
  if (typeof json === 'string') {
    const text = line.toString('utf8')
    const left = treat(text, '', inspection, treatment)
    return left === text ? line : Buffer.from(left)
  }
  const root = { value: printableValue(json) }
  if (!(await treatValue(root, inspection, treatment))) return line
  return Buffer.from(`${printJson(root.value, json.exact)}${/\r?\n$/.exec(json.text)?.[0] ?? ''}`)
}
