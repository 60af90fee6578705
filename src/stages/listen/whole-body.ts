import { Readable } from 'node:stream'
import type { Incoming } from '../../kernel/body.ts'
import { Fault } from '../../kernel/fault.ts'
import { deny } from '../../kernel/verdict.ts'
import { noBody } from './request-body.ts'

/** A body that came whole. */
export function wholeBody(bytes: Uint8Array): Incoming {
  if (bytes.length === 0) return noBody
  const tooLarge = (limit: number): string => `body over ${limit} bytes`
  return {
    declared: bytes.length,
    present: true,
    read: (limit) =>
      Promise.resolve(
        bytes.length > limit ? deny('INSPECT_BODY_TOO_LARGE', 'listen.body', tooLarge(limit)) : bytes,
      ),
    stream(limit) {
      if (bytes.length <= limit) return Readable.from([bytes])
      const stream = new Readable({ read: () => undefined })
      stream.destroy(new Fault('INSPECT_BODY_TOO_LARGE', 'listen.body', tooLarge(limit)))
      return stream
    },
  }
}
