import type { Operation } from '../../../kernel/operation.ts'
import type { ProblemCode } from '../../../kernel/problem.ts'
import { Buckets } from './buckets.ts'

/** Seconds: from a cached reply to the longest timeout. */
const durationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** Counts of one operation, kept as numbers so that a call costs a few array writes. */
export class OperationCounters {
  readonly api: string
  readonly operation: string
  /** Method and path template; of the newest policy that has the operation. */
  method = ''
  template = ''
  readonly duration: Buckets = new Buckets(durationBounds)
  /** Calls that were not refused, by the hundreds of their status. */
  readonly passed: number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  /** Refused calls: code → counts by the hundreds of their status. */
  readonly refused: Map<ProblemCode, number[]> = new Map()

  constructor(api: string, operation: string) {
    this.api = api
    this.operation = operation
  }

  count(status: number, code: ProblemCode | undefined): void {
    const hundreds = Math.trunc(status / 100) % 10
    const counts = code === undefined ? this.passed : this.#of(code)
    counts[hundreds] = (counts[hundreds] ?? 0) + 1
  }

  #of(code: ProblemCode): number[] {
    const known = this.refused.get(code)
    if (known !== undefined) return known
    const counts = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    this.refused.set(code, counts)
    return counts
  }
}

/**
 * The counters of all operations. Found by slot; a reload gives slots to other operations, so the operation is
 * compared, and its counters survive under `api` and `id`.
 */
export class CountersBySlot {
  readonly unmatched: OperationCounters = new OperationCounters('', '')
  readonly #slots: { operation: Operation; counters: OperationCounters }[] = []
  readonly #byName: Map<string, OperationCounters> = new Map([['\0', this.unmatched]])

  of(operation: Operation | undefined): OperationCounters {
    if (operation === undefined) return this.unmatched
    const known = this.#slots[operation.slot]
    if (known !== undefined && known.operation === operation) return known.counters
    const name = `${operation.api}\0${operation.id}`
    const counters = this.#byName.get(name) ?? new OperationCounters(operation.api, operation.id)
    counters.method = operation.method ?? ''
    counters.template = operation.template ?? ''
    this.#byName.set(name, counters)
    this.#slots[operation.slot] = { operation, counters }
    return counters
  }

  all(): IterableIterator<OperationCounters> {
    return this.#byName.values()
  }
}
