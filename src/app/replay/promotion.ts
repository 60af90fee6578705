import type { PromotionReply } from '../../admin/contract.ts'
import type { AuditEvent } from '../../kernel/event.ts'

/** Below so many calls there is no evidence. */
const enoughCalls = 1_000
/** Share of calls that may be refused where all of them come from few callers: attacks, not customers. */
const fewShare = 0.001
const fewCallers = 3
const mostCallers = 10_000
const mostOperations = 5

/** Observe → enforce: for each check that watches, the evidence of recorded calls. */
export async function promotionAdvice(events: AsyncIterable<AuditEvent>): Promise<readonly PromotionReply[]> {
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

  promotion(api: string, check: string, calls: number): PromotionReply {
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
