import { Transform, type TransformCallback } from 'node:stream'
import { spec } from 'node:test/reporters'

/** One event of node:test, as far as it is read here. */
interface TestEvent {
  readonly type: string
  readonly data: {
    readonly message?: string
    readonly file?: string
    readonly details?: { readonly type?: string }
  }
}

/**
 * The `spec` report without its line for each passed test, so that failures and counts stay visible: passed suites are
 * silent, diagnostics (`… cases ran`) and the summary stay.
 */
class QuietSpec extends Transform {
  private readonly spec = new spec()

  constructor() {
    super({ writableObjectMode: true })
    this.spec.on('data', (chunk: unknown) => this.push(chunk))
  }

  override _transform(event: TestEvent, _encoding: BufferEncoding, done: TransformCallback): void {
    if (event.type === 'test:pass' || event.type === 'test:start' || event.type === 'test:coverage') done()
    else this.spec.write(event, () => done())
  }

  override _flush(done: TransformCallback): void {
    this.spec.end(() => done())
  }
}

// node --test-reporter loads the default export.
// biome-ignore lint/style/noDefaultExport: the loader asks for it
export default QuietSpec
