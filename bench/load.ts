// An open-loop load generator: requests are due at a constant rate whatever the server does, and latency counts
// from the moment a request was due. A server that stalls therefore pays for every request that had to wait
// (no coordinated omission). Runs as its own process: `node bench/load.ts JOB.json`, result as JSON on stdout.
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'

export interface LoadJob {
  readonly port: number
  /** Requests a second. */
  readonly rate: number
  readonly seconds: number
  readonly connections: number
  /** Complete requests as they go on the wire; they take turns. */
  readonly requests: readonly string[]
  /** A request for which no connection is free is not sent: a flood. */
  readonly shed?: boolean
  /** The generator sleeps between requests: they may be due up to a millisecond before they go out, and the core is free. */
  readonly sleep?: boolean
}

/** Milliseconds. */
export interface LoadResult {
  readonly sent: number
  readonly failures: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

interface Line {
  socket: Socket
  /** When the request in flight was due; undefined while the line is free. */
  due: number | undefined
  /** Bytes of the reply so far, as Latin-1. */
  received: string
  /** Length of the whole reply once its head is known. */
  expected: number
}

/** Runs one job in this process; `stop` ends it early, with what there is. */
export async function generateLoad(job: LoadJob, stop?: AbortSignal): Promise<LoadResult> {
  let total = Math.round(job.rate * job.seconds)
  const latencies = new Float64Array(total)
  const waiting: number[] = []
  const free: Line[] = []
  let sent = 0
  let done = 0
  let failures = 0
  let finish: () => void = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })

  const complete = (line: Line, failed: boolean): void => {
    if (line.due === undefined) return
    latencies[done] = performance.now() - line.due
    done += 1
    if (failed) failures += 1
    line.due = undefined
    line.received = ''
    line.expected = -1
    if (done === total) finish()
    const next = waiting.shift()
    if (failed) open(line)
    else if (next === undefined) free.push(line)
    else start(line, next)
  }
  const start = (line: Line, due: number): void => {
    line.due = due
    line.socket.write(job.requests[sent % job.requests.length] ?? '')
    sent += 1
  }
  const open = (line: Line): void => {
    line.socket = connect({ port: job.port, host: '127.0.0.1', noDelay: true })
    line.socket.setEncoding('latin1')
    line.socket.on('data', (chunk: unknown) => {
      line.received += String(chunk)
      if (line.expected < 0) line.expected = lengthOf(line.received)
      const whole =
        line.expected === chunked
          ? line.received.endsWith('\r\n0\r\n\r\n')
          : line.expected >= 0 && line.received.length >= line.expected
      if (whole) complete(line, !/^HTTP\/1\.1 2/.test(line.received))
    })
    line.socket.on('error', () => {})
    line.socket.on('close', () => complete(line, true))
    if (line.due === undefined) free.push(line)
  }
  for (let i = 0; i < job.connections; i += 1)
    open({ socket: undefined as unknown as Socket, due: undefined, received: '', expected: -1 })
  await new Promise((resolve) => setTimeout(resolve, 100))

  const begin = performance.now()
  const gap = 1000 / job.rate
  let scheduled = 0
  const tick = (): void => {
    const now = performance.now() - begin
    for (; scheduled < total && scheduled * gap <= now; scheduled += 1) {
      const due = begin + scheduled * gap
      const line = free.pop()
      if (line !== undefined) start(line, due)
      else if (job.shed !== true) waiting.push(due)
    }
    if (scheduled >= total) return
    if (job.sleep === true) setTimeout(tick, 1)
    else setImmediate(tick)
  }
  tick()
  stop?.addEventListener('abort', () => {
    total = sent
    finish()
  })
  const limit = setTimeout(finish, job.seconds * 1000 + 10_000)
  await finished
  clearTimeout(limit)
  for (const line of free) line.socket.destroy()

  const sorted = latencies.subarray(0, done).sort()
  const at = (share: number): number => sorted[Math.min(done - 1, Math.floor(done * share))] ?? Number.NaN
  return {
    sent,
    failures: failures + (total - done),
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    max: at(1),
  }
}

const chunked = -2

/** Bytes of the whole reply; -1 while the head is not complete, `chunked` where only its end tells. */
function lengthOf(received: string): number {
  const head = received.indexOf('\r\n\r\n')
  if (head < 0) return -1
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, head + 2))
  if (length !== null) return head + 4 + Number(length[1])
  return /\r\ntransfer-encoding:/i.test(received.slice(0, head + 2)) ? chunked : head + 4
}

if (process.argv[1] === import.meta.filename) {
  const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as LoadJob
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  process.stdout.write(JSON.stringify(await generateLoad(job, stop.signal)))
  process.exit(0)
}
