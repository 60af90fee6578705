import type { RateDecision } from '../../kernel/ports.ts'
import type { Denial } from '../../kernel/verdict.ts'
import type { Soon } from './budget.ts'
import {
  attempt,
  giveBack,
  type LimitedCall,
  type LimitFields,
  lock,
  noLimitFields,
  type Passed,
  type RuleGroup,
  type Taken,
  type Taking,
} from './taken.ts'

const nothing: Passed = Object.freeze({ fields: noLimitFields, settle: undefined })

/** The refusal with the fields; what the others gave is given back. */
export function refuseTaken(
  group: RuleGroup,
  call: LimitedCall,
  now: number,
  taken: readonly Taken[],
  denial: Denial,
): Denial {
  for (const one of taken) if ('allowed' in one.outcome && one.outcome.allowed) giveBack(one, now, call.time)
  if (denial.code === 'GATEWAY_FAULT') return denial
  return { ...denial, fields: [...(denial.fields ?? []), ...fieldsOf(group, taken, call.time)] }
}

/** What a call that may go on is told, and what it leaves to be done. */
export function passTaken(
  taking: Taking,
  group: RuleGroup,
  call: LimitedCall,
  taken: readonly Taken[],
): Passed {
  const fields = fieldsOf(group, taken, call.time)
  let later: Taken[] | undefined
  for (const one of taken) {
    const { rule, budget, outcome, key, holder } = one
    if (!('allowed' in outcome) || !outcome.allowed) continue
    if (!budget.held && rule.failures === undefined && rule.cost.replyBytes === 0) continue
    if (budget.held) taking.holders.keep(budget, key, holder)
    later ??= []
    later.push(one)
  }
  if (later === undefined) return fields === noLimitFields ? nothing : { fields, settle: undefined }
  const ends = later
  return {
    fields,
    settle(status, bytes) {
      for (const one of ends) end(taking, one, status, bytes, call.time)
    },
  }
}

/** What a call leaves behind when it is over. */
function end(taking: Taking, one: Taken, status: number, bytes: number, at: number): void {
  const { rule, budget, key, cost, holder } = one
  const now = taking.holders.now()
  if (budget.held) {
    taking.holders.drop(holder)
    giveBack(one, now, at)
  } else if (rule.failures === undefined) {
    const units = Math.ceil(bytes / rule.cost.replyBytes)
    if (units > cost) attempt(() => budget.charge(key, units - cost, now, at))
  } else if (!rule.failures.has(status)) giveBack(one, now, at)
  else if (rule.lockMs > 0 && !rule.watching) attempt(() => lockSpent(taking, one, now, at))
}

/** Locks the key where this failure was the last that it had. */
function lockSpent(taking: Taking, one: Taken, now: number, at: number): Soon<void> {
  const asked = one.budget.take(one.key, 0, now, at, one.holder)
  const settle = ({ remaining }: RateDecision): void => {
    if (remaining < 1) lock(taking, one, now)
  }
  return asked instanceof Promise ? asked.then(settle) : settle(asked)
}

function fieldsOf(group: RuleGroup, taken: readonly Taken[], at: number): LimitFields {
  let items = ''
  let policies = ''
  for (const { rule, budget, outcome } of taken) {
    if (rule.watching || 'fault' in outcome) continue
    const known =
      'allowed' in outcome
        ? outcome
        : { allowed: false, remaining: 0, resetMs: outcome.lockedMs, retryMs: outcome.lockedMs }
    const item = budget.item(known)
    items = items === '' ? item : `${items}, ${item}`
    if (group.policies === undefined) {
      const policy = budget.policy(at)
      policies = policies === '' ? policy : `${policies}, ${policy}`
    }
  }
  return items === '' ? noLimitFields : ['RateLimit-Policy', group.policies ?? policies, 'RateLimit', items]
}
