import type { Answered } from '../../../kernel/facts.ts'
import { type Denial, deny } from '../../../kernel/verdict.ts'
import type { Inspection } from './inspection.ts'
import { type ContentPlan, isWatched } from './options.ts'
import type { Treatment } from './treat-text.ts'

const check = 'screen.context'
/** Findings of one reply that are named in its record. */
const mostNamed = 5

/** What a plan does to the texts it reads. */
export function treatmentOf(plan: ContentPlan): Treatment {
  if (isWatched(plan)) return 'leave'
  return plan.mode === 'redact' ? 'redact' : 'strip'
}

/** Puts what was found on record; a refusal where the rule wants one and the finding is certain. */
export function judgeTexts(
  answered: Answered,
  plan: ContentPlan,
  inspection: Inspection,
  streamed = false,
): Denial | undefined {
  const { flagged, findings, partial, removed } = inspection
  const sanitised = [...removed].map(([kind, count]) => `${kind}=${count}`).join(' ')
  if (!flagged) {
    if (sanitised !== '' || partial)
      answered.trail.note('screen', check, 'allow', undefined, `${partial ? 'partial; ' : ''}${sanitised}`)
    return undefined
  }
  const where = findings
    .slice(0, mostNamed)
    .map(
      ({ rule, pointer, score, digest }) =>
        `${rule} at ${pointer === '' ? 'the text' : pointer} (${score.toFixed(2)}, ${digest})`,
    )
  const more = findings.length > mostNamed ? ` and ${findings.length - mostNamed} more` : ''
  const reason = `${partial ? 'partial; ' : ''}${where.join(', ')}${more}${sanitised === '' ? '' : `; ${sanitised}`}`
  if (plan.mode === 'block' && inspection.certain && !isWatched(plan) && !streamed)
    return deny('SCREEN_CONTEXT', check, reason)
  answered.trail.note('screen', check, 'deny', 'SCREEN_CONTEXT', reason, true)
  return undefined
}
