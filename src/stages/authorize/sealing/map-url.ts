import { isNamed } from '../ledger/read-ids.ts'
import type { SealedPlan, SealingPlan } from './compile-sealing.ts'
import { writeQuery } from './open-head.ts'

/** What becomes of one id in a URL. */
export type MapId = (type: SealedPlan, id: string) => string

/** Puts other ids in the place of those in a URL of the API, in its path and its query; other URLs stay. */
export function mapUrl(
  plan: SealingPlan,
  plans: readonly (SealingPlan | undefined)[],
  url: string,
  map: MapId,
): string {
  const target = plan.api.resolve(url)
  const found = target === undefined ? undefined : plans[target.slot]
  if (target === undefined || found === undefined || found.parameters.length === 0) return url
  const values = new Map<string, string>()
  for (const { id, plan: type } of found.parameters) {
    const value = id.in === 'path' ? target.params[id.name] : undefined
    if (value !== undefined) values.set(id.name, map(type, value))
  }
  const [, origin = '', path = '', rest = ''] = /^(https?:\/\/[^/?#]+)?([^?#]*)(.*)$/i.exec(url) ?? []
  const all = new Map([...Object.entries(target.params), ...values])
  const below = path.slice(plan.api.basePath.length) || '/'
  const written = values.size === 0 ? below : found.path?.(below, all)
  return origin + plan.api.basePath + (written ?? below) + mapQuery(found, rest, map)
}

/** The ids in the query of a URL; what does not decode stays. */
function mapQuery(plan: SealingPlan, rest: string, map: MapId): string {
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
    const parts = separator === undefined ? [value] : value.split(separator)
    replaced.set(i, parts.map((part) => map(one.plan, part)).join(separator))
  }
  return replaced.size === 0 ? rest : `?${writeQuery(query, replaced)}${hash < 0 ? '' : rest.slice(hash)}`
}
