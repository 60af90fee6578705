import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { badKinds, type ChaosTokens, type Kind } from './chaos-tokens.ts'

/** What became of one call. */
export interface Outcome {
  readonly id: string
  readonly kind: Kind
  /** Undefined: no reply came. */
  readonly status: number | undefined
  /** When it was sent and when it was over, `performance.now()`. */
  readonly sent: number
  readonly at: number
}

/** A load that goes on whatever happens: three of five calls are good, the others must never reach the upstream. */
export interface ChaosLoad {
  readonly outcomes: readonly Outcome[]
  /** The outcomes since the last time, which are forgotten: for long runs. */
  drain(): readonly Outcome[]
  /** Waits until `count` good calls in a row were served, sent after `since`; milliseconds from `since`, or undefined. */
  recovered(since: number, count: number, timeoutMs: number): Promise<number | undefined>
  /** Ends it and waits for what is under way. */
  stop(): Promise<void>
}

/** Calls without a reply for so long count as lost: longer than any time limit of the gateway here. */
const patienceMs = 10_000

let loads = 0

/** @param rate calls a second */
export function startChaosLoad(port: number, tokens: ChaosTokens, rate: number): ChaosLoad {
  const outcomes: Outcome[] = []
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const name = `chaos-${process.pid}-${loads++}`
  const underWay = new Set<Promise<void>>()
  let count = 0
  let streak = 0
  let streakBegan = 0
  let since = Number.POSITIVE_INFINITY
  let watcher: { readonly count: number; readonly done: (at: number) => void } | undefined

  function call(): void {
    const number = count++
    const kind: Kind = number % 5 < 3 ? 'good' : (badKinds[number % badKinds.length] ?? 'anonymous')
    const id = `${name}-${number}`
    const path = kind === 'foreign' ? `/users/${kind}-${number}/profile` : `/things/${kind}-${number}`
    const authorization = tokens.of[kind]
    const sent = performance.now()
    const over = (status: number | undefined): void => {
      const at = performance.now()
      outcomes.push({ id, kind, status, sent, at })
      if (kind !== 'good' || sent < since) return
      if (status !== 200) streak = 0
      else if (++streak === 1) streakBegan = at
      if (watcher !== undefined && streak >= watcher.count) watcher.done(streakBegan)
    }
    const done = new Promise<void>((resolve) => {
      const asked = request(
        {
          port,
          host: '127.0.0.1',
          path,
          agent,
          timeout: patienceMs,
          headers: { 'x-request-id': id, ...(authorization !== undefined && { authorization }) },
        },
        (response) => {
          response.resume()
          response.on('end', () => {
            over(response.statusCode)
            resolve()
          })
          response.on('error', () => {
            over(undefined)
            resolve()
          })
        },
      )
      asked.on('timeout', () => asked.destroy(new Error('too slow')))
      asked.on('error', () => {
        over(undefined)
        resolve()
      })
      asked.end()
    })
    underWay.add(done)
    void done.then(() => underWay.delete(done))
  }

  const began = performance.now()
  const timer = setInterval(() => {
    const due = ((performance.now() - began) * rate) / 1000
    // What was missed while this process was busy is not made up for all at once.
    for (let i = 0; count < due && i < rate / 10; i++)
      if (underWay.size < 256) call()
      else count++
  }, 5)

  return {
    outcomes,
    drain: () => outcomes.splice(0),
    async recovered(from, wanted, timeoutMs) {
      since = from
      streak = 0
      const late = wait(timeoutMs, undefined, { ref: false })
      const found = new Promise<number>((done) => {
        watcher = { count: wanted, done }
      })
      const at = await Promise.race([found, late])
      watcher = undefined
      return at === undefined ? undefined : at - from
    },
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
      agent.destroy()
    },
  }
}
