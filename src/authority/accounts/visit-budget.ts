import type { Clock } from '../../kernel/clock.ts'
import { networkOf } from '../../kernel/network-of.ts'
import type { RateSpec, RateStore } from '../../kernel/ports.ts'
import type { Visit } from './account.ts'

/** How many failed tries may come; one that succeeds is given back. */
export interface VisitBudgets {
  /** From one IPv4 address or IPv6 /64. */
  readonly network: RateSpec
  /** Through one OAuth client. */
  readonly client: RateSpec
  /** From all strangers together: beyond it only known devices are let through. */
  readonly everybody: RateSpec
}

export const visitBudgets: VisitBudgets = {
  network: { rate: 30, windowMs: 300_000, burst: 30 },
  client: { rate: 600, windowMs: 60_000, burst: 600 },
  everybody: { rate: 300, windowMs: 60_000, burst: 300 },
}

export interface Admission {
  /** The budget that ran out; undefined where there was enough. */
  readonly spent: 'network' | 'client' | 'everybody' | undefined
  readonly retryMs: number
}

/** Budgets of tries by where they come from: they hold whether an account exists or not, so they may be told. */
export interface VisitBudget {
  admit(visit: Visit): Promise<Admission>
  giveBack(visit: Visit): Promise<void>
}

export function createVisitBudget(rates: RateStore, budgets: VisitBudgets, clock: Clock): VisitBudget {
  type Part = readonly [NonNullable<Admission['spent']>, string, RateSpec]
  const partsOf = (visit: Visit): Part[] => [
    ['network', `account:network:${networkOf(visit.address)}`, budgets.network],
    ...(visit.client === undefined
      ? []
      : [['client', `account:client:${visit.client}`, budgets.client] as const]),
    ['everybody', 'account:everybody', budgets.everybody],
  ]
  const back = async (parts: readonly Part[]): Promise<void> => {
    for (const [, key, spec] of parts) await rates.take(key, spec, -1, clock.monotonic())
  }
  return {
    async admit(visit) {
      const taken: Part[] = []
      for (const part of partsOf(visit)) {
        const [name, key, spec] = part
        const decision = await rates.take(key, spec, 1, clock.monotonic())
        if (!decision.allowed) {
          await back(taken)
          return { spent: name, retryMs: decision.retryMs }
        }
        taken.push(part)
      }
      return { spent: undefined, retryMs: 0 }
    },
    giveBack: (visit) => back(partsOf(visit)),
  }
}
