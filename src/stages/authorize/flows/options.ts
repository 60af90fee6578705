import type { Clock } from '../../../kernel/clock.ts'
import type { FlowMemory } from '../../../kernel/flow-memory.ts'
import type { Mode } from '../../../kernel/mode.ts'

/** `flows:` – operations that a caller takes in order, at the pace of a human (OWASP API6:2023). */
export interface FlowRule {
  /** Key under `flows:`. */
  readonly name: string
  readonly api: string
  /** Slots of each step, in order; at least two steps. */
  readonly steps: readonly (readonly number[])[]
  /** Least time between the end of one step and the next, in milliseconds; 0: any. */
  readonly paceMs: number
  /** How long after a step the next one may come, in milliseconds. */
  readonly withinMs: number
  readonly mode: Mode
}

export interface FlowOptions {
  readonly rules: readonly FlowRule[]
  readonly memory: FlowMemory
  readonly clock?: Clock
}
