import type { ProblemCode } from '../../kernel/problem.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { secondsOf } from './limit-fields.ts'
import { type LimitedCall, lock, type Taken, type Taking } from './taken.ts'

/** Writes down what each rule says; the refusal where one refuses. */
export function judgeTaken(
  taking: Taking,
  taken: readonly Taken[],
  call: LimitedCall,
  now: number,
): Denial | undefined {
  const { trail } = call
  let retry = 0
  let violated: string[] | undefined
  let code: ProblemCode = 'LIMIT_RATE'
  let check = 'limit.rate'
  let broken: Denial | undefined
  for (const one of taken) {
    const { rule, budget, outcome } = one
    if ('fault' in outcome) {
      const open = rule.failsOpen || rule.watching
      rule.tally.faults++
      if (open) trail.failedOpen++
      else
        broken ??= deny('GATEWAY_FAULT', budget.check, `the store of limit ${rule.name} did not answer`, {
          cause: outcome.fault,
        })
      const verdict = open ? 'abstain' : 'deny'
      trail.note('limit', budget.check, verdict, 'GATEWAY_FAULT', `${rule.name}: store fault`, open)
      continue
    }
    if ('allowed' in outcome && outcome.allowed) {
      rule.tally.allowed++
      if (outcome.delayed === true) rule.tally.delayed++
      trail.note('limit', budget.check, 'allow', undefined, rule.name)
      continue
    }
    const why = codeOf(one)
    trail.note('limit', budget.check, 'deny', why, rule.name, rule.watching)
    if (rule.watching) {
      rule.tally.observed++
      continue
    }
    rule.tally.refused++
    if (why === 'LIMIT_LOCKED' && 'allowed' in outcome) lock(taking, one, now)
    violated ??= []
    if (violated.length === 0 || why === 'LIMIT_LOCKED') {
      code = why
      check = budget.check
    }
    violated.push(rule.name)
    retry = Math.max(retry, retrySecondsOf(one))
  }
  if (broken !== undefined) return broken
  if (violated === undefined) return undefined
  return deny(code, check, `over ${violated.join(', ')}`, {
    fields: ['Retry-After', String(retry)],
    violated,
  })
}

/** A spent budget locks its key at once, unless calls under way may still give something back. */
function codeOf({ rule, budget, outcome }: Taken): ProblemCode {
  if ('lockedMs' in outcome || (rule.lockMs > 0 && rule.failures === undefined)) return 'LIMIT_LOCKED'
  return rule.throttle === undefined ? budget.code : 'LIMIT_QUEUE'
}

function retrySecondsOf({ rule, budget, outcome }: Taken): number {
  if ('lockedMs' in outcome) return secondsOf(outcome.lockedMs, outcome.lockedMs)
  if ('fault' in outcome) return 1
  if (rule.lockMs > 0 && rule.failures === undefined) return secondsOf(rule.lockMs, rule.lockMs)
  return budget.retrySeconds(outcome)
}
