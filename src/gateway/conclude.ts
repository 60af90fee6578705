import type { Progress, Reply } from '../kernel/facts.ts'
import type { Denial } from '../kernel/verdict.ts'

/** What record needs of a call that is over. */
export interface Conclusion {
  readonly reached: Progress
  readonly reply: Reply
  readonly denial: Denial | undefined
  readonly bytesIn: number
  readonly bytesOut: number
  /** Milliseconds from arrival to the last byte handed over. */
  readonly duration: number
}

/**
 * Calls `record` once the reply is over: at once for bytes, at the end of a stream for streams. Gives back what limit
 * lent. Never throws.
 */
export function createConclude(
  record: (conclusion: Conclusion) => void,
): (reached: Progress, reply: Reply, denial: Denial | undefined) => void {
  return (reached, reply, denial) => {
    const { body } = reply
    if (body === undefined || body instanceof Uint8Array) {
      end(record, reached, reply, denial, body === undefined ? 0 : body.length)
      return
    }
    body.once('close', () => {
      const sent = 'bytesOut' in body && typeof body.bytesOut === 'number' ? body.bytesOut : 0
      end(record, reached, reply, denial, sent)
    })
  }
}

function end(
  record: (conclusion: Conclusion) => void,
  reached: Progress,
  reply: Reply,
  denial: Denial | undefined,
  bytesOut: number,
): void {
  if ('settle' in reached) settle(reached, reply, bytesOut)
  const started = reached.trail.times[1]
  const duration = typeof started === 'number' ? performance.now() - started : 0
  record({ reached, reply, denial, bytesIn: reached.body.declared ?? 0, bytesOut, duration })
}

/** A tunnel holds what limit lent until it ends. */
function settle(
  reached: Extract<Progress, { settle: unknown }>,
  { status, tunnel }: Reply,
  bytes: number,
): void {
  if (tunnel === undefined || tunnel.socket.destroyed) reached.settle(status, bytes)
  else tunnel.socket.once('close', () => reached.settle(status, bytes))
}
