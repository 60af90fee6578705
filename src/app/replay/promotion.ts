import type { AuditEvent } from '../../kernel/event.ts'

/** A check that only watches, and what it would have refused. */
export interface Promotion {
  readonly api: string
  /** `inspect.injection`, `authorize.object` … */
  readonly check: string
  /** Calls that it saw. */
  readonly calls: number
  readonly wouldRefuse: number
  /** Callers that it would have refused. */
  readonly callers: number
  /** Operations with most such calls. */
  readonly operations: readonly {
    readonly operation: string
    readonly count: number
    readonly example: string
  }[]
  /** `enforce`: nothing, or next to nothing, would have been refused over enough calls; `watch` otherwise. */
  readonly advice: 'enforce' | 'watch'
  /** Why, in one sentence. */
  readonly because: string
}

/** Below so many calls there is no evidence. */
const enoughCalls = 1_000
/** Share of calls that may be refused where all of them come from few callers: attacks, not customers. */
const fewShare = 0.001
const fewCallers = 3
const mostCallers = 10_000
const mostOperations = 5

/** Observe → enforce: for each check that watches, the evidence of recorded calls. */
export async function promotionAdvice(events: AsyncIterable<AuditEvent>): Promise<readonly Promotion[]> {
  const checks = new Map<string, Evidence>()
  const calls = new Map<string, number>()
  for await (const event of events) {
    if (event.api === 'sallyport' || event.api === '') continue
    calls.set(event.api, (calls.get(event.api) ?? 0) + 1)
    const seen = new Set<string>()
    for (const { check, observed, verdict } of event.notes) {
      if (!observed || seen.has(check)) continue
      seen.add(check)
      const key = `${event.api}\n${check}`
      const evidence = checks.get(key) ?? new Evidence()
      checks.set(key, evidence)
      if (verdict === 'deny') evidence.add(event)
    }
  }
  return [...checks].map(([key, evidence]) => {
    const [api = '', check = ''] = key.split('\n')
    return evidence.promotion(api, check, calls.get(api) ?? 0)
  })
}

class Evidence {
  readonly #callers = new Set<string>()
  readonly #operations = new Map<string, { count: number; readonly example: string }>()
  #refused = 0

  add({ issuer, sub, address, operation, id }: AuditEvent): void {
    this.#refused += 1
    if (this.#callers.size < mostCallers) this.#callers.add(sub === '' ? address : `${issuer}/${sub}`)
    const found = this.#operations.get(operation)
    if (found !== undefined) found.count += 1
    else if (this.#operations.size < mostCallers) this.#operations.set(operation, { count: 1, example: id })
  }

  promotion(api: string, check: string, calls: number): Promotion {
    const wouldRefuse = this.#refused
    const callers = this.#callers.size
    const [advice, because] = adviceOf(calls, wouldRefuse, callers)
    return {
      api,
      check,
      calls,
      wouldRefuse,
      callers,
      operations: [...this.#operations]
        .map(([operation, { count, example }]) => ({ operation, count, example }))
        .sort((a, b) => b.count - a.count)
        .slice(0, mostOperations),
      advice,
      because,
    }
  }
}

function adviceOf(calls: number, refused: number, callers: number): readonly ['enforce' | 'watch', string] {
  if (calls < enoughCalls) return ['watch', `${calls} calls are too few to tell; ${enoughCalls} are wanted`]
  if (refused === 0) return ['enforce', `none of ${calls} calls would have been refused`]
  const share = refused / calls
  if (share <= fewShare && callers <= fewCallers)
    return [
      'enforce',
      `${refused} of ${calls} calls, of ${callers === 1 ? 'one caller' : `${callers} callers`}, would have been refused: look at them first`,
    ]
  return ['watch', `${refused} of ${calls} calls, of ${callers} callers, would have been refused`]
}
