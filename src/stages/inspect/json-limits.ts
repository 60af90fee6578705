import type { MediaContract } from '../../kernel/operation.ts'
import { defaultJsonLimits } from '../../media/json.ts'
import type { JsonLimits } from '../../media/json-problem.ts'
import type { InspectPlan } from './plan.ts'

const known = new WeakMap<MediaContract, { readonly plan: InspectPlan; readonly limits: JsonLimits }>()

/** Limits of a JSON body: those of the policy, or of the contract where that lets in more by number. */
export function jsonLimitsOf(plan: InspectPlan, media: MediaContract): JsonLimits {
  const before = known.get(media)
  if (before?.plan === plan) return before.limits
  const { depth, sizes } = plan
  const limits =
    sizes === undefined
      ? { ...defaultJsonLimits, depth }
      : {
          depth,
          members: defaultJsonLimits.members,
          keys: Math.max(sizes.keys, media.sizes.keys),
          items: Math.max(sizes.items, media.sizes.items),
          string: Math.max(sizes.string, media.sizes.string),
          digits: sizes.digits,
        }
  known.set(media, { plan, limits })
  return limits
}
