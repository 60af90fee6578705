import type { Readable } from 'node:stream'
import type { Outgoing } from '../../kernel/body.ts'
import { Fault } from '../../kernel/fault.ts'

/** The whole body, or `too large` past `limit` bytes; the stream is destroyed then. */
export async function collect(body: Outgoing, limit: number): Promise<Uint8Array | 'too large'> {
  if (body === undefined) return new Uint8Array()
  if (body instanceof Uint8Array) return body.length > limit ? 'too large' : body
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      length += chunk.length
      // Leaving the loop destroys the stream, and with it the upstream's connection.
      if (length > limit) return 'too large'
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault('FORWARD_MALFORMED', 'forward.reply', 'upstream reply broke off', error)
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, length)
}

/** Lets go of a body nobody will read. */
export function dismiss(body: Outgoing): void {
  if (body !== undefined && !(body instanceof Uint8Array)) (body as Readable).destroy()
}
