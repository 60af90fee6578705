import type { IdMark, IdShape } from '../../../contract/objects/id-map.ts'
import { typesIn } from '../../../contract/objects/id-types.ts'
import type { ScopedSealer } from '../../../crypto/id-sealer.ts'
import type { ReplyRelease } from '../../../kernel/reply-release.ts'
import { deny } from '../../../kernel/verdict.ts'
import { type SealedPlan, type SealingPlan, sealedCheck } from './compile-sealing.ts'
import { mapIds } from './map-ids.ts'
import { mapUrl } from './map-url.ts'

/** Seals what a reply shows of ids, in its body and in the URLs of its body and head. */
export function createSealedRelease(
  plan: SealingPlan,
  plans: readonly (SealingPlan | undefined)[],
  scopeOf: (type: SealedPlan) => ScopedSealer,
): ReplyRelease {
  const typeOf = (mark: IdMark | undefined): SealedPlan | undefined =>
    mark === undefined || mark.confidence === 'guess' ? undefined : plan.types.get(mark.type)

  const sealUrl = (url: string): string =>
    mapUrl(plan, plans, url, (type, id) => String(scopeOf(type).seal(id)))

  const shapeOf = (status: number): IdShape | undefined =>
    plan.ids.reply(status) ??
    // A status that nobody declared, of a reply that leaves nevertheless.
    (status < 300 ? (plan.ids.reply(200) ?? plan.ids.reply(201)) : undefined)

  return {
    run(status, value) {
      const shape = shapeOf(status)
      if (shape === undefined || value === undefined) return false
      let changed = false
      mapIds(shape, value, {
        id(at, found) {
          const type = typeOf(at.id)
          if (type === undefined) return found
          if (typeof found !== 'string' && typeof found !== 'number' && typeof found !== 'bigint')
            return found
          changed = true
          return scopeOf(type).seal(found)
        },
        link(url) {
          const sealed = sealUrl(url)
          if (sealed !== url) changed = true
          return sealed
        },
      })
      return changed
    },
    blind(status, mediaType, declared) {
      const known = plan.unsealable.some(
        ({ range }) => range === mediaType || (range?.includes('*') === true && declared),
      )
      // Where the contract has ids in JSON, a reply that is something else has them where nobody finds them.
      const expected = !declared && [...typesIn(shapeOf(status))].some((type) => plan.types.has(type))
      return known || expected
        ? deny('SCREEN_SCHEMA', sealedCheck, 'ids cannot be sealed in a reply that is not JSON')
        : undefined
    },
    field(name, value) {
      if (name === 'location' || name === 'content-location') return sealUrl(value)
      if (name === 'link') return value.replace(/<([^<>]*)>/g, (_all, url: string) => `<${sealUrl(url)}>`)
      const type = typeOf(plan.ids.replyFields.get(name))
      return type === undefined || value === '' ? value : scopeOf(type).seal(value)
    },
  }
}
