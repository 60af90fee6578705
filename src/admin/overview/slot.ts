import type { CountedCall } from './counted-call.ts'
import { Histogram } from './histogram.ts'
import { Top } from './top.ts'

/** Keys kept of each kind in one slot. */
const mostKeys = 200

/** What is counted of the calls of one stretch of time. */
export class Slot {
  allowed = 0
  denied = 0
  observed = 0
  errors = 0
  readonly stages: Map<string, number> = new Map()
  readonly gateway: Histogram = new Histogram()
  readonly total: Histogram = new Histogram()
  readonly callers: Top = new Top(mostKeys)
  readonly operations: Top = new Top(mostKeys)

  add(call: CountedCall): void {
    const { deniedAt } = call
    const isDenied = deniedAt !== undefined
    if (isDenied) {
      this.denied++
      this.stages.set(deniedAt, (this.stages.get(deniedAt) ?? 0) + 1)
    } else this.allowed++
    if (call.observed) this.observed++
    if (call.failed) this.errors++
    this.total.add(call.total)
    this.gateway.add(call.gateway)
    if (call.caller !== '') this.callers.add(call.caller, isDenied)
    if (call.operation !== '') this.operations.add(call.operation, isDenied)
  }

  merge(other: Slot): void {
    this.allowed += other.allowed
    this.denied += other.denied
    this.observed += other.observed
    this.errors += other.errors
    for (const [stage, count] of other.stages) this.stages.set(stage, (this.stages.get(stage) ?? 0) + count)
    this.gateway.merge(other.gateway)
    this.total.merge(other.total)
    this.callers.merge(other.callers)
    this.operations.merge(other.operations)
  }
}
