import type { Matched, Progress, Reply } from '../../kernel/facts.ts'
import { noFields } from '../../kernel/fields.ts'
import type { Operation } from '../../kernel/operation.ts'
import { Trail } from '../../kernel/trail.ts'
import type { EventBatch, EventSink } from './sink.ts'

export const ok: Reply = { status: 200, fields: [], body: undefined }
export const sizes: { bytesIn: number; bytesOut: number; durationMs: number } = {
  bytesIn: 0,
  bytesOut: 300,
  durationMs: 1.5,
}

/** The facts of a call, as far as record looks at them. */
export function progressOf(id: string, over: Partial<Matched> = {}): Progress {
  const trail = new Trail()
  trail.enter('listen')
  return {
    id,
    time: 1_900_000_000_000,
    channel: {
      listener: '127.0.0.1:1',
      secure: false,
      protocol: '1.1',
      serverName: undefined,
      certificate: undefined,
    },
    peer: '127.0.0.1',
    client: '192.0.2.1',
    method: 'GET',
    path: '/users/123/profile',
    query: 'token=canary-query',
    pairs: [],
    authority: 'api.travel.example',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    fields: noFields,
    body: {
      declared: undefined,
      present: false,
      read: () => Promise.reject(new Error('not read')),
      stream: () => {
        throw new Error('not read')
      },
    },
    upgrade: undefined,
    signal: new AbortController().signal,
    trail,
    ...over,
  }
}

/** An operation, as far as record looks at it. */
export function operationOf(slot: number, id: string): Operation {
  return { slot, api: 'travel', id } as Operation
}

/** A sink that keeps ids, and fails as long as `failing` says so. */
export function collecting(name = 'test'): EventSink & {
  readonly ids: string[]
  readonly batches: EventBatch[]
  failing: () => boolean
  closed: boolean
} {
  return {
    name,
    ids: [],
    batches: [],
    closed: false,
    failing: () => false,
    async write(batch) {
      if (this.failing()) throw new Error('disk full')
      this.batches.push(batch)
      for (const event of batch.events) this.ids.push(event.id)
    },
    async close() {
      this.closed = true
    },
  }
}
