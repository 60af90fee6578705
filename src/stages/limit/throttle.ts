import { type Clock, systemClock } from '../../kernel/clock.ts'
import type { RateDecision } from '../../kernel/ports.ts'
import type { Budget, Soon } from './budget.ts'
import { FairQueue } from './fair-queue.ts'
import type { Amount } from './options.ts'

/** Calls that wait at one time, whatever their keys: more are refused. */
const mostWaiting = 10_000

/** A call that wants its turn. */
export interface Turn {
  readonly budget: Budget
  readonly key: string
  readonly cost: number
  /** Callers with one key take turns. */
  readonly caller: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Asked only where the call has to wait. */
  readonly signal: () => AbortSignal
}

export interface TurnDecision extends RateDecision {
  readonly delayed: boolean
}

interface Waiter {
  readonly turn: Turn
  settle(decision: RateDecision): void
}

interface Line {
  readonly queue: FairQueue<Waiter>
  readonly budget: Budget
  readonly at: number
  /** Set while it is known when the next one may go, or is being asked. */
  busy: boolean
}

/**
 * Spreads calls evenly: who is too early waits for their turn, in a queue for each key. Callers that share a key take
 * turns. The rate is the store's, so it holds over all processes; each keeps a queue of its own.
 */
export class Throttle {
  readonly #queue: number
  readonly #delayMs: number
  readonly #interval: number
  readonly #clock: Clock
  readonly #lines = new Map<string, Line>()
  #waiting = 0

  constructor(amount: Extract<Amount, { kind: 'throttle' }>, clock: Clock = systemClock) {
    this.#queue = amount.queue
    this.#delayMs = amount.delayMs
    this.#interval = amount.spec.windowMs / amount.spec.rate
    this.#clock = clock
  }

  /** Calls that wait now. */
  get waiting(): number {
    return this.#waiting
  }

  /** Answers when the call may go, or that it may not: the queue is full, the wait too long, the caller gone. */
  enter(turn: Turn): Soon<TurnDecision> {
    const line = this.#lines.get(turn.key)
    if (line !== undefined) return this.#wait(turn, line)
    const taken = turn.budget.take(turn.key, turn.cost, this.#clock.monotonic(), turn.at, '')
    return taken instanceof Promise
      ? taken.then((decision) => this.#answer(turn, decision))
      : this.#answer(turn, taken)
  }

  #answer(turn: Turn, decision: RateDecision): Soon<TurnDecision> {
    if (decision.allowed || !Number.isFinite(decision.retryMs)) return { ...decision, delayed: false }
    let line = this.#lines.get(turn.key)
    if (line === undefined) {
      line = { queue: new FairQueue(this.#queue), budget: turn.budget, at: turn.at, busy: false }
      this.#lines.set(turn.key, line)
    }
    const waiting = this.#wait(turn, line)
    if (!line.busy) this.#sleep(turn.key, line, decision.retryMs)
    return waiting
  }

  #wait(turn: Turn, line: Line): Soon<TurnDecision> {
    if (this.#waiting >= mostWaiting) return this.#full(line)
    return new Promise((resolve) => {
      const signal = turn.signal()
      const leave = (): void => {
        if (line.queue.remove(turn.caller, waiter)) waiter.settle(this.#full(line))
      }
      const timer = setTimeout(leave, this.#delayMs).unref()
      const waiter: Waiter = {
        turn,
        settle: (decision) => {
          clearTimeout(timer)
          signal.removeEventListener('abort', leave)
          this.#waiting--
          resolve({ ...decision, delayed: true })
        },
      }
      this.#waiting++
      const left = line.queue.push(turn.caller, waiter)
      left?.settle(this.#full(line))
      if (left !== waiter) signal.addEventListener('abort', leave, { once: true })
      if (signal.aborted) leave()
    })
  }

  /** How long the queue is now is how long it takes until there is room. */
  #full(line: Line): TurnDecision {
    const retryMs = Math.max(1, Math.ceil(line.queue.size * this.#interval))
    return { allowed: false, remaining: 0, resetMs: retryMs, retryMs, delayed: false }
  }

  #sleep(key: string, line: Line, retryMs: number): void {
    line.busy = true
    setTimeout(() => void this.#serve(key, line), Math.ceil(retryMs)).unref()
  }

  /** Lets those go whose turn has come. The budget is asked first, then it is seen whose turn it is. */
  async #serve(key: string, line: Line): Promise<void> {
    while (line.queue.size > 0) {
      const now = this.#clock.monotonic()
      let decision: RateDecision
      try {
        const taken = line.budget.take(key, 1, now, line.at, '')
        decision = taken instanceof Promise ? await taken : taken
      } catch {
        // A store that does not answer lets nobody go: those who wait are refused when their time is over.
        decision = { allowed: false, remaining: 0, resetMs: 0, retryMs: Math.max(100, this.#interval) }
      }
      if (!decision.allowed) {
        this.#sleep(key, line, decision.retryMs)
        return
      }
      const next = line.queue.shift()
      if (next === undefined) {
        // While the store was asked the last one has left.
        await line.budget.giveBack(key, 1, now, line.at, '')
        break
      }
      // What a call costs beyond one is owed by those behind it.
      if (next.turn.cost > 1) await next.turn.budget.charge(key, next.turn.cost - 1, now, line.at)
      next.settle(decision)
    }
    this.#lines.delete(key)
  }
}
