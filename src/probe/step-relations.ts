import type { TargetReply } from '../outbound/create-target-client.ts'
import { distinctValues, isYes, jsonOf, leavesOf } from './state/reply-facts.ts'

/** What a step of evidence proves, without a value of it: how its reply stands to the steps before. */
export interface StepRelations {
  /** It was granted. */
  readonly yes: boolean
  /** For each step before: the part, 0 to 1, of what its reply told that this reply tells too. */
  readonly shares: readonly number[]
  /** Members of earlier request bodies whose value this reply has: `1/note` is `note` of the second step. */
  readonly echoes: readonly string[]
}

export interface Step {
  readonly body: string | undefined
  readonly reply: TargetReply
}

export function relationsOf(steps: readonly Step[]): readonly StepRelations[] {
  return steps.map(({ reply }, at) => {
    const told = distinctValues(reply)
    const texts = new Set(leavesOf(jsonOf(reply)).map(({ value }) => String(value)))
    return {
      yes: isYes(reply),
      shares: steps.slice(0, at).map((one) => {
        const before = [...distinctValues(one.reply)]
        const common = before.filter((value) => told.has(value)).length
        return before.length === 0 ? 0 : Math.round((common / before.length) * 10) / 10
      }),
      echoes: steps.slice(0, at).flatMap(({ body }, n) =>
        bodyLeaves(body)
          .filter(({ value }) => String(value).length >= 3 && texts.has(String(value)))
          .map(({ path }) => `${n}/${path.join('/')}`)
          .slice(0, 20),
      ),
    }
  })
}

function bodyLeaves(body: string | undefined): ReturnType<typeof leavesOf> {
  try {
    return body === undefined ? [] : leavesOf(JSON.parse(body))
  } catch {
    return []
  }
}

/** True where a step stands to the others as it did. What was shared in part is left out: it may be chance. */
export function isLike(old: StepRelations, now: StepRelations): boolean {
  if (old.yes !== now.yes) return false
  const fits = old.shares.every((part, i) => {
    const again = now.shares[i] ?? 0
    return part >= 0.6 ? again >= 0.6 : part > 0.3 || again < 0.6
  })
  return fits && old.echoes.every((one) => now.echoes.includes(one))
}
