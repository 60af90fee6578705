import { destination } from 'pino'
import type { EventBatch, EventSink } from '../sink.ts'

/** Bytes that may wait for a file or pipe that does not take them. */
const mostWaiting = 64 << 20

/**
 * JSON lines to a file (made with mode 0600) or to standard output, one event a line, through pino's
 * destination: written asynchronously, synchronously on exit.
 */
export function createLogSink(options: { readonly file?: string | undefined } = {}): EventSink {
  const stream = destination({
    dest: options.file ?? 1,
    sync: false,
    mkdir: true,
    maxLength: mostWaiting,
    ...(options.file === undefined ? {} : { mode: 0o600 }),
  })
  /** The batch that the stream holds after a failed write: a retry must not put it in twice. */
  let held: EventBatch | undefined
  // Failures are reported by the write they belong to; without a listener they would end the process.
  stream.on('error', () => undefined)

  return {
    name: 'log',
    write(batch) {
      return new Promise<void>((resolve, reject) => {
        const over = (error?: Error): void => {
          stream.off('drain', onDrain)
          stream.off('error', onError)
          stream.off('drop', onDrop)
          if (error === undefined) resolve()
          else reject(error)
        }
        const onDrain = (): void => {
          held = undefined
          over()
        }
        const onError = (error: Error): void => {
          held = batch
          over(error)
        }
        const onDrop = (): void => over(new Error('too much is waiting to be written'))
        stream.on('drain', onDrain)
        stream.on('error', onError)
        stream.on('drop', onDrop)
        stream.write(held === batch ? '' : textOf(batch))
      })
    },
    writeSync(batch) {
      stream.write(textOf(batch))
      stream.flushSync()
    },
    close() {
      return new Promise<void>((resolve) => {
        stream.once('close', resolve)
        stream.once('error', () => resolve())
        stream.end()
      })
    },
  }
}

function textOf({ lines }: EventBatch): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}
