import { relative } from 'node:path'
import { Transform, type TransformCallback } from 'node:stream'
import { spec } from 'node:test/reporters'

/** One event of node:test, as far as it is read here. */
interface TestEvent {
  readonly type: string
  readonly data: {
    readonly message?: string
    readonly file?: string
    readonly duration_ms?: number
    readonly details?: { readonly type?: string }
  }
}

const shownSlowest = 12

/**
 * The `spec` report without its line for each passed test, so that failures and counts stay visible: passed suites are
 * silent, diagnostics (`… cases ran`) and the summary stay. Below it the files that took longest.
 */
class QuietSpec extends Transform {
  private readonly spec = new spec()
  private readonly seconds = new Map<string, number>()

  constructor() {
    super({ writableObjectMode: true })
    this.spec.on('data', (chunk: unknown) => this.push(chunk))
  }

  override _transform(event: TestEvent, _encoding: BufferEncoding, done: TransformCallback): void {
    const { file, duration_ms: ms } = event.data
    if (event.type === 'test:summary' && file !== undefined) this.seconds.set(file, (ms ?? 0) / 1000)
    if (event.type === 'test:pass' || event.type === 'test:start' || event.type === 'test:coverage') done()
    else this.spec.write(event, () => done())
  }

  override _flush(done: TransformCallback): void {
    this.spec.end(() => {
      const slowest = [...this.seconds].sort(([, one], [, other]) => other - one).slice(0, shownSlowest)
      for (const [file, seconds] of slowest.length > 1 ? slowest : [])
        this.push(`${seconds.toFixed(1).padStart(6)} s  ${relative(process.cwd(), file)}\n`)
      done()
    })
  }
}

// node --test-reporter loads the default export.
// biome-ignore lint/style/noDefaultExport: the loader asks for it
export default QuietSpec
