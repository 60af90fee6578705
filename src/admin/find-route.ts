import { methodOf, type Route } from './route.ts'

/** The routes at a path, by method, and the value of the path's parameter. */
export interface FoundRoutes {
  readonly byMethod: ReadonlyMap<string, Route>
  readonly id: string
}

/** Finds routes by path: exact ones first, then by the segments around the one parameter. Throws `Error` for a clash. */
export function createRouteFinder(routes: readonly Route[]): (path: string) => FoundRoutes | undefined {
  const exact = new Map<string, Map<string, Route>>()
  const patterns: {
    readonly before: string
    readonly after: string
    readonly byMethod: Map<string, Route>
  }[] = []

  function tableOf(path: string): Map<string, Route> {
    const open = path.indexOf('{')
    if (open === -1) {
      const known = exact.get(path) ?? new Map<string, Route>()
      exact.set(path, known)
      return known
    }
    const before = path.slice(0, open)
    const after = path.slice(path.indexOf('}') + 1)
    const known = patterns.find((one) => one.before === before && one.after === after)
    if (known !== undefined) return known.byMethod
    const made = { before, after, byMethod: new Map<string, Route>() }
    patterns.push(made)
    return made.byMethod
  }

  for (const route of routes) {
    const table = tableOf(route.path)
    const method = methodOf(route)
    if (table.has(method)) throw new Error(`two admin routes: ${method} ${route.path}`)
    table.set(method, route)
  }

  return (path) => {
    const known = exact.get(path)
    if (known !== undefined) return { byMethod: known, id: '' }
    for (const { before, after, byMethod } of patterns) {
      if (!path.startsWith(before) || !path.endsWith(after)) continue
      const segment = path.slice(before.length, path.length - after.length)
      if (segment === '' || segment.includes('/')) continue
      const id = decode(segment)
      if (id !== undefined) return { byMethod, id }
    }
    return undefined
  }
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
