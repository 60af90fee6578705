import type { ImportedApi, ImportedRoute } from './imported.ts'
import { type Notes, nameOf } from './reading.ts'

/** An API with the path that callers reach it under; its templates are below that path. */
export interface MountedApi extends ImportedApi {
  readonly basePath: string
}

interface Part {
  readonly api: ImportedApi
  readonly prefix: readonly string[]
  readonly routes: readonly ImportedRoute[]
}

/**
 * APIs of one host must differ in their base path. Each gets the path that all of its routes begin with; where that is
 * the same for two of them, they are taken apart by their next segment.
 */
export function separateApis(apis: readonly ImportedApi[], notes: Notes): readonly MountedApi[] {
  const hosts = new Map<string, ImportedApi[]>()
  for (const api of apis) hosts.set(api.host ?? '', [...(hosts.get(api.host ?? '') ?? []), api])
  if (hosts.size > 1 && hosts.has(''))
    notes.add(
      'hosts',
      'routes for every host beside routes for one',
      'a host that an API names is served by the APIs of that name alone: give the others a `host` as well',
    )
  const names = new Set<string>()
  return [...hosts.values()].flatMap((group) => {
    if (group.length === 1)
      return group.map((api) => ({ ...api, name: unique(api.name, names), basePath: '' }))
    return apart(
      group.map((api) => ({ api, prefix: commonPrefix(api.routes), routes: api.routes })),
      notes,
    ).map(({ api, prefix, routes }) => {
      const basePath = prefix.map((segment) => `/${segment}`).join('')
      const below = routes.map((route) => ({
        ...route,
        template: route.template.slice(basePath.length) || '/',
      }))
      return { ...api, name: unique(api.name, names), basePath, routes: below }
    })
  })
}

function apart(parts: readonly Part[], notes: Notes): readonly Part[] {
  let open = parts
  for (let round = 0; round < 20; round++) {
    const count = new Map<string, number>()
    for (const { prefix } of open) count.set(prefix.join('/'), (count.get(prefix.join('/')) ?? 0) + 1)
    const clash = open.filter(({ prefix }) => (count.get(prefix.join('/')) ?? 0) > 1)
    if (clash.length === 0) return open
    const settled = open.filter((part) => !clash.includes(part))
    const next = clash.flatMap(divided)
    if (
      next.length === clash.length &&
      next.every((part, i) => part.prefix.length === clash[i]?.prefix.length)
    ) {
      const kept = next.filter(
        (part, i) => next.findIndex((other) => other.prefix.join('/') === part.prefix.join('/')) === i,
      )
      for (const lost of next)
        if (!kept.includes(lost))
          notes.add(
            `upstream of ${lost.api.name}`,
            `${lost.routes.length} operations share their paths with another upstream`,
            'are left out: give one of the two a `host` or another path',
          )
      return [...settled, ...kept]
    }
    open = [...settled, ...next]
  }
  return open
}

/** By the next segment; what ends here, or goes on with a parameter, stays. */
function divided({ api, prefix, routes }: Part): readonly Part[] {
  const bySegment = new Map<string, ImportedRoute[]>()
  for (const route of routes) {
    const next = segmentsOf(route.template)[prefix.length] ?? ''
    const key = next.includes('{') ? '' : next
    bySegment.set(key, [...(bySegment.get(key) ?? []), route])
  }
  return [...bySegment].map(([segment, list]) => ({
    api: bySegment.size > 1 && segment !== '' ? { ...api, name: `${api.name}-${segment}` } : api,
    prefix: segment === '' ? prefix : [...prefix, segment],
    routes: list,
  }))
}

function commonPrefix(routes: readonly ImportedRoute[]): readonly string[] {
  const [first = [], ...rest] = routes.map(({ template }) => segmentsOf(template))
  let length = first.findIndex((segment) => segment.includes('{'))
  if (length < 0) length = first.length
  for (const segments of rest) {
    let same = 0
    while (same < length && segments[same] === first[same]) same += 1
    length = same
  }
  return first.slice(0, length)
}

function segmentsOf(template: string): readonly string[] {
  return template
    .split('/')
    .slice(1)
    .filter((segment) => segment !== '')
}

function unique(name: string, names: Set<string>): string {
  let found = nameOf(name, 'api')
  for (let n = 2; names.has(found); n++) found = `${nameOf(name, 'api')}-${n}`
  names.add(found)
  return found
}
