import { randomUUID } from 'node:crypto'
import type { Deliverer } from '../../../outbound/create-outbound.ts'
import type { EventBatch, EventSink } from '../sink.ts'
import { assertTaken, deliveryVerdicts } from './delivery-error.ts'
import { type LineFormat, linesIn } from './line-format.ts'
import { signatureOf } from './signature.ts'

export interface WebhookSinkOptions {
  readonly name: string
  readonly url: string
  /** Signs each delivery; undefined: unsigned. */
  readonly secret: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly format: LineFormat
  /** Events in one delivery. */
  readonly batch: number
  /** Events that may wait. */
  readonly queue: number
  readonly timeoutMs: number
  readonly version: string
  readonly outbound: Deliverer
}

/**
 * POSTs events as `{"events":[…]}`. `Sallyport-Delivery` names the delivery and stays the same when it is tried again, so
 * that a receiver can tell; the signature is made anew each time.
 */
export function createWebhookSink(options: WebhookSinkOptions): EventSink {
  const { name, url, secret, outbound } = options
  const lines = linesIn(options.format, options.version)
  const deliveries = new WeakMap<EventBatch, { readonly id: string; readonly body: string }>()

  function deliveryOf(batch: EventBatch): { readonly id: string; readonly body: string } {
    const known = deliveries.get(batch)
    if (known !== undefined) return known
    const made = { id: randomUUID(), body: `{"events":[${lines(batch).join(',')}]}` }
    deliveries.set(batch, made)
    return made
  }

  return {
    name,
    queue: options.queue,
    batch: options.batch,
    ...deliveryVerdicts,
    async write(batch) {
      const { id, body } = deliveryOf(batch)
      const { status, retryAfterMs } = await outbound.deliver({
        url,
        body,
        timeoutMs: options.timeoutMs,
        headers: {
          ...options.headers,
          'content-type': 'application/json',
          'sallyport-delivery': id,
          ...(secret !== undefined && {
            'sallyport-signature': signatureOf(secret, body, Math.floor(Date.now() / 1000)),
          }),
        },
      })
      assertTaken(status, retryAfterMs)
    },
    close: async () => undefined,
  }
}
