import { closeSync, write, writeSync } from 'node:fs'
import type { EventBatch, EventSink } from '../sink.ts'
import { type LineFormat, linesIn } from './line-format.ts'
import { createLogFile, type Rotation } from './log-file.ts'

const newline = 0x0a
const empty = Buffer.alloc(0)
const pauseMs = 5
/** Waits for a full pipe that the last words of a process may take: a second in all. */
const mostPauses = 200
const pause = new Int32Array(new SharedArrayBuffer(4))

export interface LogSinkOptions {
  /** Undefined: standard output, or what `descriptor` says. */
  readonly file?: string | undefined
  /** 2: standard error. */
  readonly descriptor?: 1 | 2
  /** When a file is put aside for a new one; undefined: never. */
  readonly rotation?: Rotation
  /** `log` unless it says so. */
  readonly name?: string
  /** Ours unless it says so. */
  readonly format?: LineFormat
  /** Of the product, for OCSF. */
  readonly version?: string
}

/**
 * JSON lines to a file (made with mode 0600), standard output or standard error, one event a line. A write that fails in the
 * middle of a batch goes on where it stopped when the batch is offered again. While the process exits, a full disk
 * costs the events and never the exit.
 */
export function createLogSink(options: LogSinkOptions = {}): EventSink {
  const { descriptor: stream = 1 } = options
  const file = options.file === undefined ? undefined : createLogFile(options.file, options.rotation)
  const lines = linesIn(options.format ?? 'events', options.version ?? '')
  const textOf = (batch: EventBatch): string => {
    const all = lines(batch)
    return all.length === 0 ? '' : `${all.join('\n')}\n`
  }
  /** The batch that a failed write broke off, and how many of its bytes are out. */
  let broken: { readonly batch: EventBatch; readonly bytes: Buffer; readonly sent: number } | undefined
  let closed = false

  /** What is to be written for a batch; another batch first completes the line that was broken off. */
  function bytesOf(batch: EventBatch): Buffer {
    if (broken === undefined) return Buffer.from(textOf(batch))
    const { bytes, sent } = broken
    if (broken.batch === batch) return bytes.subarray(sent)
    const midLine = sent > 0 && bytes[sent - 1] !== newline
    const restOfLine = midLine ? bytes.subarray(sent, bytes.indexOf(newline, sent) + 1) : empty
    return Buffer.concat([restOfLine, Buffer.from(textOf(batch))])
  }

  return {
    name: options.name ?? 'log',
    async write(batch) {
      if (closed) throw new Error('the log is closed')
      const bytes = bytesOf(batch)
      // Between two lines alone: what was broken off ends where it began.
      const descriptor = file?.descriptor(broken === undefined ? bytes.length : 0) ?? stream
      let sent = 0
      try {
        while (sent < bytes.length) sent += await writeSome(descriptor, bytes.subarray(sent))
        broken = undefined
        file?.wrote(sent)
      } catch (error) {
        broken = { batch, bytes, sent }
        file?.wrote(sent)
        throw error
      }
    },
    writeSync(batch) {
      const bytes = bytesOf(batch)
      const descriptor = file?.descriptor(0) ?? stream
      broken = undefined
      for (let sent = 0, pauses = 0; sent < bytes.length; ) {
        try {
          sent += writeSync(descriptor, bytes, sent)
        } catch (error) {
          if (!isBusy(error) || ++pauses > mostPauses) throw error
          Atomics.wait(pause, 0, 0, pauseMs)
        }
      }
    },
    async close() {
      if (closed) return
      closed = true
      if (file !== undefined) closeSync(file.descriptor(0))
    },
  }
}

/** Bytes written; a full pipe is waited for, as long as the caller's own time limit allows. */
function writeSome(descriptor: number, bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, (error, count) => {
      if (error === null) resolve(count)
      else if (isBusy(error)) setTimeout(resolve, pauseMs, 0)
      else reject(error)
    })
  })
}

function isBusy(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'EAGAIN' || code === 'EBUSY'
}
