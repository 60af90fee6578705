import type { IdMark, IdShape } from '../../../contract/id-map.ts'
import { typesIn } from '../../../contract/id-types.ts'
import type { ScopedSealer } from '../../../crypto/id-sealer.ts'
import type { ReplyRelease } from '../../../kernel/reply-release.ts'
import { deny } from '../../../kernel/verdict.ts'
import { isNamed } from '../ledger/read-ids.ts'
import { type SealedPlan, type SealingPlan, sealedCheck } from './compile-sealing.ts'
import { mapIds } from './map-ids.ts'
import { writeQuery } from './open-head.ts'

/** Seals what a reply shows of ids, in its body and in the URLs of its body and head. */
export function createSealedRelease(
  plan: SealingPlan,
  plans: readonly (SealingPlan | undefined)[],
  scopeOf: (type: SealedPlan) => ScopedSealer,
): ReplyRelease {
  const typeOf = (mark: IdMark | undefined): SealedPlan | undefined =>
    mark === undefined || mark.confidence === 'guess' ? undefined : plan.types.get(mark.type)

  const sealUrl = (url: string): string => {
    const target = plan.api.resolve(url)
    const found = target === undefined ? undefined : plans[target.slot]
    if (target === undefined || found === undefined || found.parameters.length === 0) return url
    const values = new Map<string, string>()
    for (const { id, plan: type } of found.parameters) {
      const value = id.in === 'path' ? target.params[id.name] : undefined
      if (value !== undefined) values.set(id.name, String(scopeOf(type).seal(value)))
    }
    const [, origin = '', path = '', rest = ''] = /^(https?:\/\/[^/?#]+)?([^?#]*)(.*)$/i.exec(url) ?? []
    const all = new Map([...Object.entries(target.params), ...values])
    const below = path.slice(plan.api.basePath.length) || '/'
    const written = values.size === 0 ? below : found.path?.(below, all)
    return origin + plan.api.basePath + (written ?? below) + sealQuery(found, rest, scopeOf)
  }

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

/** Seals the ids in the query of a URL; what does not decode stays. */
function sealQuery(plan: SealingPlan, rest: string, scopeOf: (type: SealedPlan) => ScopedSealer): string {
  const named = plan.parameters.filter(({ id }) => id.in === 'query')
  if (named.length === 0 || !rest.startsWith('?')) return rest
  const hash = rest.indexOf('#')
  const query = rest.slice(1, hash < 0 ? undefined : hash)
  const replaced = new Map<number, string>()
  const pieces = query.split('&').filter((piece) => piece !== '')
  for (const [i, piece] of pieces.entries()) {
    const [name = '', value = ''] = [...new URLSearchParams(piece)][0] ?? []
    const one = named.find(({ id }) => isNamed(name, id.name))
    if (one === undefined || value === '') continue
    const { separator } = one.id
    const sealer = scopeOf(one.plan)
    replaced.set(
      i,
      separator === undefined
        ? sealer.seal(value)
        : value
            .split(separator)
            .map((part) => sealer.seal(part))
            .join(separator),
    )
  }
  return replaced.size === 0 ? rest : `?${writeQuery(query, replaced)}${hash < 0 ? '' : rest.slice(hash)}`
}
