import type { Scene } from '../../expression/scene.ts'
import type { Authorized } from '../../kernel/facts.ts'
import type { RateDecision, RateStore } from '../../kernel/ports.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { limitItem, secondsOf } from './limit-fields.ts'
import type { RateRule } from './rate-rule.ts'

const check = 'limit.rate'

/** The store's answer, or what it threw. */
type Outcome = RateDecision | { readonly fault: unknown }

/** Rules that are taken from together, with their constant policy field. */
export interface RateGroup {
  readonly rules: readonly RateRule[]
  /** Value of `RateLimit-Policy`; empty where every rule only watches. */
  readonly policies: string
}

/** `RateLimit` and `RateLimit-Policy` of a call that may go on. */
export type LimitFields = readonly string[]

export const noLimitFields: LimitFields = Object.freeze([])

/**
 * Takes one call from every budget. All must have it: where one refuses, what the others gave is given back, so
 * that a refused call costs nothing. In a store of this process nothing comes between; in a remote one another
 * call may for a moment find less than there is, never more.
 */
export function takeBudgets(
  store: RateStore,
  group: RateGroup,
  call: Authorized,
  scene: Scene,
  now: number,
): LimitFields | Denial | Promise<LimitFields | Denial> {
  const keys: string[] = []
  const outcomes: (Outcome | Promise<Outcome>)[] = []
  let waiting = false
  for (const rule of group.rules) {
    const key = rule.key.of(call, scene)
    const outcome = takeOne(store, key, rule, now)
    if (outcome instanceof Promise) waiting = true
    keys.push(key)
    outcomes.push(outcome)
  }
  const conclude = (known: readonly Outcome[]): LimitFields | Denial => {
    const result = judge(group, call, known)
    if (!isDenial(result)) return result
    known.forEach((outcome, i) => {
      const rule = group.rules[i]
      const key = keys[i]
      if (rule !== undefined && key !== undefined && 'allowed' in outcome && outcome.allowed)
        giveBack(store, key, rule, now)
    })
    return result
  }
  return waiting ? Promise.all(outcomes).then(conclude) : conclude(outcomes as Outcome[])
}

function takeOne(store: RateStore, key: string, rule: RateRule, now: number): Outcome | Promise<Outcome> {
  try {
    const taken = store.take(key, rule.spec, 1, now)
    return taken instanceof Promise ? taken.catch((fault: unknown) => ({ fault })) : taken
  } catch (fault) {
    return { fault }
  }
}

/** A call that could not be given back stays spent: the refusal stands either way. */
function giveBack(store: RateStore, key: string, rule: RateRule, now: number): void {
  try {
    const given = store.take(key, rule.spec, -1, now)
    if (given instanceof Promise) given.catch(() => undefined)
  } catch {
    // Spent.
  }
}

function isDenial(result: LimitFields | Denial): result is Denial {
  return 'verdict' in result
}

function judge(group: RateGroup, call: Authorized, outcomes: readonly Outcome[]): LimitFields | Denial {
  const { trail } = call
  let items = ''
  let retry = 0
  let violated: string[] | undefined
  let broken: Denial | undefined
  for (let i = 0; i < outcomes.length; i++) {
    const rule = group.rules[i]
    const outcome = outcomes[i]
    if (rule === undefined || outcome === undefined) continue
    if (!('allowed' in outcome)) {
      const open = rule.failsOpen || rule.watching
      if (open) trail.failedOpen++
      else
        broken ??= deny('GATEWAY_FAULT', check, `the store of limit ${rule.name} did not answer`, {
          cause: outcome.fault,
        })
      trail.note(
        'limit',
        check,
        open ? 'abstain' : 'deny',
        'GATEWAY_FAULT',
        `${rule.name}: store fault`,
        open,
      )
      continue
    }
    if (outcome.allowed) trail.note('limit', check, 'allow', undefined, rule.name)
    else trail.note('limit', check, 'deny', 'LIMIT_RATE', rule.name, rule.watching)
    if (rule.watching) continue
    const item = limitItem(rule.quoted, rule.spec, outcome)
    items = items === '' ? item : `${items}, ${item}`
    if (outcome.allowed) continue
    violated ??= []
    violated.push(rule.name)
    retry = Math.max(retry, secondsOf(outcome.retryMs, rule.spec))
  }
  if (broken !== undefined) return broken
  const fields = items === '' ? noLimitFields : ['RateLimit-Policy', group.policies, 'RateLimit', items]
  if (violated === undefined) return fields
  return deny('LIMIT_RATE', check, `over ${violated.join(', ')}`, {
    fields: ['Retry-After', String(retry), ...fields],
    violated,
  })
}
