import type { Answered } from '../../kernel/facts.ts'
import type { Mode } from '../../kernel/mode.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import type { ReplyReader } from './reply-reader.ts'

/** What screen does for one operation. */
export interface ScreenPlan {
  /** Replies that are not what the contract says. */
  readonly violations: Mode
  /** Properties that the contract does not declare: `enforce` removes them. */
  readonly prune: Mode
  /** Bytes of a reply that is read whole to be judged, after inflation. */
  readonly maxBytes: number
  /** True where the operation needs a credential: its replies are not stored unless they say so. */
  readonly authenticated: boolean
  /** `enforce`: what the contract marks as sensitive never leaves, also where nothing else is removed. */
  readonly conceal?: Mode
  /** Reads the texts of what leaves; undefined where nobody does. */
  readonly reader?: ReplyReader | undefined
}

/** A reply that breaks the contract: refused in `enforce`, noted in `observe`. */
export function violation(answered: Answered, plan: ScreenPlan, reason: string): Denial | undefined {
  if (plan.violations === 'off') return undefined
  if (plan.violations === 'enforce') return deny('SCREEN_SCHEMA', 'screen.schema', reason)
  answered.trail.note('screen', 'screen.schema', 'deny', 'SCREEN_SCHEMA', reason, true)
  return undefined
}
