import type { FindingReply, OverviewReply } from '../../../src/admin/contract.ts'
import type { CallEvent } from './shapes.ts'

export type StreamState = 'connecting' | 'live' | 'lost'

export interface StreamListener {
  /** Several at once, newest first: a page that draws four times a second is smooth at any rate of calls. */
  readonly events?: (events: readonly CallEvent[]) => void
  readonly finding?: (finding: FindingReply) => void
  readonly overview?: (overview: OverviewReply) => void
  readonly state?: (state: StreamState) => void
  /** Calls that were not sent because this page was too slow. */
  readonly missed?: (count: number) => void
}

const flushMs = 250

const listeners = new Set<StreamListener>()
let source: EventSource | undefined
let pending: CallEvent[] = []
let timer: ReturnType<typeof setTimeout> | undefined
let state: StreamState = 'connecting'

/** One connection for all parts of the page; ends with the last listener. */
export function listen(listener: StreamListener): () => void {
  listeners.add(listener)
  if (source === undefined) open()
  else listener.state?.(state)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) close()
  }
}

function tell(next: StreamState): void {
  state = next
  for (const listener of listeners) listener.state?.(next)
}

function open(): void {
  const opened = new EventSource('/api/v1/stream')
  source = opened
  tell('connecting')
  opened.addEventListener('open', () => tell('live'))
  // The browser connects again by itself, with the place it got to.
  opened.addEventListener('error', () => tell('lost'))
  on<CallEvent>(opened, 'event', (event) => {
    pending.push(event)
    timer ??= setTimeout(flush, flushMs)
  })
  on<FindingReply>(opened, 'finding', (finding) => {
    for (const listener of listeners) listener.finding?.(finding)
  })
  on<OverviewReply>(opened, 'overview', (overview) => {
    for (const listener of listeners) listener.overview?.(overview)
  })
  on<{ readonly count: number }>(opened, 'lost', ({ count }) => {
    for (const listener of listeners) listener.missed?.(count)
  })
}

function on<T>(from: EventSource, name: string, take: (message: T) => void): void {
  from.addEventListener(name, (message: MessageEvent<string>) => {
    const parsed = parse<T>(message.data)
    if (parsed !== undefined) take(parsed)
  })
}

function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}

function flush(): void {
  timer = undefined
  const events = pending.toReversed()
  pending = []
  for (const listener of listeners) listener.events?.(events)
}

function close(): void {
  source?.close()
  source = undefined
  clearTimeout(timer)
  timer = undefined
  pending = []
}
