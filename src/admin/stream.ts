import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { AuditEvent } from '../kernel/event.ts'
import { passesFilter } from '../kernel/passes-filter.ts'
import type { EventFilter } from '../kernel/ports.ts'
import type { FindingReply, OverviewReply } from './contract.ts'

export interface StreamOptions {
  overview(): OverviewReply
  /** The finding that an event of API `sallyport` is about. */
  findingOf(event: AuditEvent): FindingReply | undefined
  /** Default 64. */
  readonly mostReaders?: number
  /** Default 200 ms, 5 s, 15 s. */
  readonly flushMs?: number
  readonly overviewMs?: number
  readonly heartbeatMs?: number
}

export interface Reader {
  readonly filter: EventFilter
  /** `Last-Event-ID`. */
  readonly after: string | undefined
  /** False ends the stream: asked with each heartbeat. */
  stillIn(): Promise<boolean>
}

/** Live events for browsers, by server-sent events. */
export interface Stream {
  publish(event: AuditEvent): void
  /** False where there are too many readers. */
  readonly full: boolean
  open(response: ServerResponse, reader: Reader): void
  readonly readers: number
  /** Messages that were not sent because a reader was slow or there were too many. */
  readonly lost: number
  close(): void
}

/** Events of before that a reader who comes back is sent. */
const kept = 500
/** Messages for one reader between two flushes; a person reads fewer. */
const mostWaiting = 100
/** Bytes that may lie in a socket before messages for it are dropped. */
const mostBuffered = 262_144

interface Open extends Reader {
  readonly response: ServerResponse
  waiting: string[]
  lost: number
}

/** A reader who does not read costs a bounded buffer and nothing else: what it misses is counted, and it is told. */
export function createStream(options: StreamOptions): Stream {
  const { mostReaders = 64, flushMs = 200, overviewMs = 5_000, heartbeatMs = 15_000 } = options
  // Another process numbers anew: its ids must not be taken for ours.
  const run = randomBytes(4).toString('hex')
  const readers = new Set<Open>()
  const recent: { readonly number: number; readonly event: AuditEvent }[] = []
  let number = 0
  let lost = 0
  let timers: NodeJS.Timeout[] = []

  function messagesOf(event: AuditEvent, at: number): string {
    const id = `id: ${run}.${at}\n`
    const finding = event.api === 'sallyport' ? options.findingOf(event) : undefined
    const about = finding === undefined ? '' : `event: finding\ndata: ${JSON.stringify(finding)}\n\n`
    return `${about}event: event\n${id}data: ${JSON.stringify(event)}\n\n`
  }

  function flush(): void {
    for (const reader of readers) {
      if (reader.waiting.length === 0 && reader.lost === 0) continue
      if (reader.response.writableLength > mostBuffered) {
        drop(reader, reader.waiting.length)
        reader.waiting = []
        continue
      }
      const gap = reader.lost === 0 ? '' : `event: lost\ndata: ${JSON.stringify({ count: reader.lost })}\n\n`
      reader.response.write(reader.waiting.join('') + gap)
      reader.waiting = []
      reader.lost = 0
    }
  }

  function drop(reader: Open, count: number): void {
    reader.lost += count
    lost += count
  }

  function all(text: string): void {
    for (const reader of readers)
      if (reader.response.writableLength <= mostBuffered) reader.response.write(text)
  }

  function start(): void {
    if (timers.length > 0) return
    timers = [
      setInterval(flush, flushMs),
      setInterval(() => all(overviewMessage()), overviewMs),
      setInterval(() => {
        all(': alive\n\n')
        for (const reader of readers)
          reader.stillIn().then(
            (still) => still || reader.response.end(),
            () => reader.response.end(),
          )
      }, heartbeatMs),
    ]
    for (const timer of timers) timer.unref()
  }

  function stop(): void {
    for (const timer of timers) clearInterval(timer)
    timers = []
  }

  const overviewMessage = (): string => `event: overview\ndata: ${JSON.stringify(options.overview())}\n\n`

  return {
    publish(event) {
      const at = ++number
      if (recent.length >= kept * 2) recent.splice(0, kept)
      recent.push({ number: at, event })
      if (readers.size === 0) return
      let text: string | undefined
      for (const reader of readers) {
        if (!passesFilter(event, reader.filter)) continue
        if (reader.waiting.length >= mostWaiting) drop(reader, 1)
        else {
          text ??= messagesOf(event, at)
          reader.waiting.push(text)
        }
      }
    },
    get full() {
      return readers.size >= mostReaders
    },
    open(response, asked) {
      const reader: Open = { ...asked, response, waiting: [], lost: 0 }
      response.on('close', () => {
        readers.delete(reader)
        if (readers.size === 0) stop()
      })
      // Proxies that collect replies would keep it all back.
      response.setHeader('X-Accel-Buffering', 'no')
      response.writeHead(200)
      response.write(`retry: 2000\n\n${overviewMessage()}`)
      const missed = numberOf(asked.after)
      if (missed !== undefined) {
        const first = recent.at(-kept)?.number ?? recent[0]?.number ?? number + 1
        if (missed + 1 < first) reader.lost = first - missed - 1
        for (const one of recent)
          if (one.number > missed && one.number >= first && passesFilter(one.event, asked.filter))
            reader.waiting.push(messagesOf(one.event, one.number))
      }
      readers.add(reader)
      start()
    },
    get readers() {
      return readers.size
    },
    get lost() {
      return lost
    },
    close() {
      stop()
      for (const { response } of readers) response.end()
      readers.clear()
    },
  }

  function numberOf(id: string | undefined): number | undefined {
    const [, of, at] = /^([0-9a-f]{8})\.(\d{1,15})$/.exec(id ?? '') ?? []
    return of === run ? Math.min(Number(at), number) : undefined
  }
}
