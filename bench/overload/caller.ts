import { connect, type Socket } from 'node:net'

/** What one caller saw in one phase. */
export interface Seen {
  sent: number
  /** Replies with 2xx. */
  good: number
  /** Replies with 503. */
  shed: number
  failed: number
  /** Milliseconds from when a call was due to its good reply. */
  readonly latencies: number[]
  /** Milliseconds from when a call was sent until its refusal came. */
  readonly refusals: number[]
}

export interface CallerOptions {
  readonly port: number
  /** Source address, 127.0.0.0/8: who the caller is. */
  readonly address: string
  readonly connections: number
  readonly path: string
}

interface Line {
  socket: Socket
  due: number | undefined
  /** When it was sent. */
  sent: number
  received: string
}

/** A caller in an open loop: calls are due at a constant rate, whatever became of those before. */
export class Caller {
  seen: Seen = emptySeen()
  readonly #options: CallerOptions
  readonly #request: string
  readonly #free: Line[] = []
  readonly #all = new Set<Line>()
  readonly #waiting: number[] = []
  #perSecond = 0
  #next = 0
  #closed = false

  constructor(options: CallerOptions) {
    this.#options = options
    this.#request = `GET ${options.path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
    for (let i = 0; i < options.connections; i++) this.#open()
  }

  /** From now on so many calls are due a second. */
  pace(perSecond: number): void {
    this.#perSecond = perSecond
    this.#next = performance.now() + Math.random() * (1000 / Math.max(perSecond, 1))
  }

  /** Sends what is due by now. */
  tick(now: number): void {
    if (this.#perSecond === 0) return
    for (; this.#next <= now; this.#next += 1000 / this.#perSecond) {
      this.seen.sent++
      const line = this.#free.pop()
      if (line === undefined) this.#waiting.push(this.#next)
      else this.#start(line, this.#next)
    }
  }

  /** What was seen since the last time. */
  take(): Seen {
    const { seen } = this
    this.seen = emptySeen()
    return seen
  }

  /** Goes on with the times alone. */
  forgetCounts(): void {
    const { latencies, refusals } = this.seen
    this.seen = { ...emptySeen(), latencies, refusals }
  }

  close(): void {
    this.#closed = true
    this.#perSecond = 0
    for (const { socket } of this.#all) socket.destroy()
  }

  #open(): void {
    const { port, address } = this.#options
    const socket = connect({ port, host: '127.0.0.1', localAddress: address, noDelay: true })
    const line: Line = { socket, due: undefined, sent: 0, received: '' }
    this.#all.add(line)
    socket.setEncoding('latin1')
    socket.on('connect', () => this.#ready(line))
    socket.on('data', (chunk: unknown) => {
      line.received += String(chunk)
      const head = line.received.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(line.received)?.[1] ?? 0)
      if (line.received.length >= head + 4 + length) this.#end(line, line.received.slice(9, 12))
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#all.delete(line)
      if (line.due !== undefined) this.#end(line, '')
      if (!this.#closed) setTimeout(() => this.#closed || this.#open(), 50).unref()
    })
  }

  #ready(line: Line): void {
    const due = this.#waiting.shift()
    if (due === undefined) this.#free.push(line)
    else this.#start(line, due)
  }

  #start(line: Line, due: number): void {
    line.due = due
    line.sent = performance.now()
    line.received = ''
    line.socket.write(this.#request)
  }

  #end(line: Line, status: string): void {
    const took = performance.now() - (line.due ?? 0)
    line.due = undefined
    if (status.startsWith('2')) {
      this.seen.good++
      this.seen.latencies.push(took)
    } else if (status === '503') {
      this.seen.shed++
      this.seen.refusals.push(performance.now() - line.sent)
    } else this.seen.failed++
    if (status !== '') this.#ready(line)
  }
}

function emptySeen(): Seen {
  return { sent: 0, good: 0, shed: 0, failed: 0, latencies: [], refusals: [] }
}
