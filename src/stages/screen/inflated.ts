import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { Fault } from '../../kernel/fault.ts'

const decoders: Readonly<
  Record<'gzip' | 'x-gzip' | 'deflate' | 'br' | 'zstd', (options: { chunkSize: number }) => Transform>
> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}

/** Octets that may come of one; beyond it a stream is a bomb. */
const maxRatio = 100
/** Octets before the ratio counts. */
const grace = 262_144

/** A stream with its content coding undone as it comes; it fails where more comes out of it than is honest. */
export function inflated(body: Uint8Array | Readable, coding: keyof typeof decoders): Readable {
  let input = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      input += chunk.length
      done(null, chunk)
    },
  })
  let output = 0
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      output += chunk.length
      if (output > grace && output > input * maxRatio)
        done(new Fault('SCREEN_TOO_LARGE', 'screen.size', 'reply inflates beyond the limit'))
      else done(null, chunk)
    },
  })
  const decoder = decoders[coding]({ chunkSize: 16_384 })
  if (body instanceof Uint8Array) {
    counted.end(body)
    pipeline(counted, decoder, bounded, () => undefined)
  } else pipeline(body, counted, decoder, bounded, () => undefined)
  return bounded
}
