import type { Scene } from '../../expression/scene.ts'
import { networkOf } from '../../kernel/network-of.ts'
import type { Denial } from '../../kernel/verdict.ts'
import type { Soon } from './budget.ts'
import type { CompiledRule } from './compile-rule.ts'
import { passTaken, refuseTaken } from './conclude-taken.ts'
import { judgeTaken } from './judge-taken.ts'
import type { LimitedCall, Outcome, Passed, RuleGroup, Taken, Taking } from './taken.ts'
import type { TurnDecision } from './throttle.ts'

/**
 * Takes one call from every budget. All must have it: where one refuses, what the others gave is given back, so
 * that a refused call costs nothing. In a store of this process nothing comes between; in a remote one another
 * call may for a moment find less than there is, never more.
 */
export function takeBudgets(
  taking: Taking,
  group: RuleGroup,
  call: LimitedCall,
  scene: Scene,
  now: number,
): Soon<Passed | Denial> {
  const taken: Taken[] = []
  let waiting: Promise<unknown>[] | undefined
  for (const rule of group.rules) {
    const one = prepare(taking, rule, call, scene)
    const outcome = takeOne(taking, one, now, call.time)
    if (outcome instanceof Promise) {
      waiting ??= []
      waiting.push(
        outcome.then((known) => {
          one.outcome = known
        }),
      )
    } else one.outcome = outcome
    taken.push(one)
  }
  if (waiting !== undefined)
    return Promise.all(waiting).then(() => passOn(taking, group, call, scene, now, taken))
  return passOn(taking, group, call, scene, now, taken)
}

function prepare(taking: Taking, rule: CompiledRule, call: LimitedCall, scene: Scene): Taken {
  const budget =
    rule.tierOf === undefined ? rule.budgets[0] : (rule.budgets[rule.tierOf(call, scene)] ?? rule.budgets[0])
  return {
    rule,
    budget,
    key: rule.key.of(call, scene),
    cost: rule.cost.fixed ?? rule.cost.of(call, scene, budget.whole),
    holder: budget.held ? taking.holders.name() : '',
    outcome: unknownYet,
  }
}

const unknownYet: Outcome = Object.freeze({ fault: undefined })

function takeOne(taking: Taking, one: Taken, now: number, at: number): Soon<Outcome> {
  const { rule, budget, key, cost, holder } = one
  try {
    if (rule.lockMs > 0 && !rule.watching) {
      const kept = taking.locks?.lockedMs(key) ?? 0
      if (kept > 0) return { lockedMs: kept }
      const locked = taking.stores.rates.locked(key, now)
      if (locked instanceof Promise)
        return locked
          .then((lockedMs) => (lockedMs > 0 ? { lockedMs } : budget.take(key, cost, now, at, holder)))
          .catch(faultOf)
      if (locked > 0) return { lockedMs: locked }
    }
    const outcome = budget.take(key, cost, now, at, holder)
    return outcome instanceof Promise ? outcome.catch(faultOf) : outcome
  } catch (fault) {
    return { fault }
  }
}

const faultOf = (fault: unknown): Outcome => ({ fault })

/** Judges what was taken; then the call waits for its turn, where it has to. */
function passOn(
  taking: Taking,
  group: RuleGroup,
  call: LimitedCall,
  scene: Scene,
  now: number,
  taken: Taken[],
): Soon<Passed | Denial> {
  const denial = judgeTaken(taking, taken, call, now)
  if (denial !== undefined) return refuseTaken(group, call, now, taken, denial)
  if (group.turns.length === 0) return passTaken(taking, group, call, taken)
  return takeTurns(taking, group, call, scene, now, taken, 0)
}

function takeTurns(
  taking: Taking,
  group: RuleGroup,
  call: LimitedCall,
  scene: Scene,
  now: number,
  taken: Taken[],
  from: number,
): Soon<Passed | Denial> {
  for (let i = from; i < group.turns.length; i++) {
    const rule = group.turns[i]
    if (rule?.throttle === undefined) continue
    const one = prepare(taking, rule, call, scene)
    // Who only watches does not make anybody wait.
    const outcome = rule.watching
      ? takeOne(taking, one, now, call.time)
      : wait(
          rule.throttle.enter({ ...one, caller: callerOf(call), at: call.time, signal: () => call.signal }),
        )
    const settle = (known: Outcome): Denial | undefined => {
      one.outcome = known
      taken.push(one)
      return judgeTaken(taking, [one], call, now)
    }
    if (outcome instanceof Promise)
      return outcome.then((known) => {
        const denial = settle(known)
        return denial === undefined
          ? takeTurns(taking, group, call, scene, now, taken, i + 1)
          : refuseTaken(group, call, now, taken, denial)
      })
    const denial = settle(outcome)
    if (denial !== undefined) return refuseTaken(group, call, now, taken, denial)
  }
  return passTaken(taking, group, call, taken)
}

function wait(turn: Soon<TurnDecision>): Soon<Outcome> {
  return turn instanceof Promise ? turn.catch(faultOf) : turn
}

/** Those who share a key take turns by who they are. */
function callerOf({ principal, client }: LimitedCall): string {
  return principal.sub === '' ? networkOf(client) : `${principal.issuer} ${principal.sub}`
}
