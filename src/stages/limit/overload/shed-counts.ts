import { type CallClass, callClasses } from './call-class.ts'

/** Why a call was shed; `gone`: its caller left while it waited. */
export type Shed = 'full' | 'late' | 'gone' | 'breaker' | 'event-loop' | 'memory'

const reasons: readonly Shed[] = ['full', 'late', 'gone', 'breaker', 'event-loop', 'memory']

/** Calls that were shed, or would have been, by reason and class. */
export class ShedCounts {
  readonly #shed = new Map<string, number>()

  add(reason: Shed, kind: CallClass, observed: boolean): void {
    const key = `${reason} ${kind} ${observed ? 'observed' : 'refused'}`
    this.#shed.set(key, (this.#shed.get(key) ?? 0) + 1)
  }

  all(): { reason: Shed; kind: CallClass; outcome: 'refused' | 'observed'; count: number }[] {
    return reasons.flatMap((reason) =>
      callClasses.flatMap((kind) =>
        (['refused', 'observed'] as const).flatMap((outcome) => {
          const count = this.#shed.get(`${reason} ${kind} ${outcome}`)
          return count === undefined ? [] : [{ reason, kind, outcome, count }]
        }),
      ),
    )
  }
}
