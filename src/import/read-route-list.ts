import type { Imported, ImportedRoute } from './imported.ts'
import { parsePath } from './path-template.ts'
import { isRecord, listOf, Notes, textOf, textsOf } from './reading.ts'

interface Listed {
  readonly method: string
  readonly path: string
  readonly where: string
  readonly guarded: boolean
}

const verbs = /^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$/
const guard = /auth|jwt|passport|protect|require|guard|session|login|permission|role|verify/i

/**
 * Routes of Express or Fastify: JSON of `express-list-endpoints` or of route objects, the tree of Fastify's
 * `printRoutes()`, lines `METHOD /path`, or the source itself (`app.get('/path', …)`).
 */
export function readRouteList(text: string, file: string, upstream: string): Imported {
  const notes = new Notes()
  const listed = fromJson(text) ?? fromTree(text) ?? fromLines(text) ?? fromSource(text, notes)
  const routes: ImportedRoute[] = []
  let guarded = 0
  for (const { method, path, where, guarded: its } of listed) {
    const parsed = parsePath(path)
    if (typeof parsed === 'string') {
      notes.add(
        where,
        `a path that is not carried over (${parsed})`,
        'declare its operations in the contract',
      )
      continue
    }
    if (parsed.loss !== undefined) notes.add(where, parsed.loss, 'look at the contract')
    if (its) guarded += 1
    routes.push({
      method,
      template: parsed.template,
      authentication: its ? { kind: 'token', issuer: 'tokens', scopes: [], roles: [] } : { kind: 'none' },
      limits: [],
      query: [],
    })
  }
  if (routes.length > 0)
    notes.add(
      'the list',
      'what middleware checks is not in it',
      'who may call what belongs into `functions`, `objects` and `security`',
    )
  return {
    source: file,
    issuers: guarded > 0 ? [{ name: 'tokens', audience: [], algorithms: [] }] : [],
    apis: routes.length === 0 ? [] : [{ name: 'app', upstream, routes }],
    notes: notes.list,
  }
}

function fromJson(text: string): readonly Listed[] | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const list = Array.isArray(value) ? value : listOf(value, 'routes')
  return list.flatMap((one: unknown, i): Listed[] => {
    if (!isRecord(one)) return []
    const path = textOf(one, 'path') || textOf(one, 'url') || textOf(one, 'route')
    const methods = [...textsOf(one, 'methods'), ...textsOf(one, 'method')].map((word) => word.toUpperCase())
    const hooks = [
      ...textsOf(one, 'middlewares'),
      ...textsOf(one, 'middleware'),
      ...textsOf(one, 'preHandler'),
      ...textsOf(one, 'onRequest'),
    ]
    return methods
      .filter((method) => verbs.test(method) && !(method === 'HEAD' && methods.includes('GET')))
      .map((method) => ({
        method,
        path,
        where: `entry ${i + 1}`,
        guarded: hooks.some((hook) => guard.test(hook)),
      }))
  })
}

/** `├── /users (GET, HEAD)` with children below it; a child's path goes on where its parent's ends. */
function fromTree(text: string): readonly Listed[] | undefined {
  if (!/[└├]──/.test(text)) return undefined
  const open: { depth: number; path: string }[] = []
  const found: Listed[] = []
  text.split(/\r?\n/).forEach((line, i) => {
    const match = /^([\s│]*)[└├]── (\S*?)(?: \(([A-Z, ]+)\))?(?: .*)?$/u.exec(line)
    if (match === null) return
    const depth = (match[1] ?? '').length
    while ((open.at(-1)?.depth ?? -1) >= depth) open.pop()
    const part = match[2] === '(empty' ? '' : (match[2] ?? '')
    const path = (open.at(-1)?.path ?? '') + part
    open.push({ depth, path })
    const methods = (match[3] ?? '').split(/,\s*/).filter((method) => verbs.test(method))
    for (const method of methods)
      if (method !== 'HEAD' || !methods.includes('GET'))
        found.push({ method, path, where: `line ${i + 1}`, guarded: false })
  })
  return found
}

function fromLines(text: string): readonly Listed[] | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !/^\s*(?:#|\/\/)/.test(line))
  const found = lines.flatMap((line, i): Listed[] => {
    const match = /^\s*([A-Za-z|,]+)\s+(\/\S*)/.exec(line)
    if (match === null) return []
    return (match[1] ?? '')
      .toUpperCase()
      .split(/[|,]/)
      .filter((method) => verbs.test(method))
      .map((method) => ({ method, path: match[2] ?? '', where: `line ${i + 1}`, guarded: false }))
  })
  return found.length > 0 && found.length >= lines.length / 2 ? found : undefined
}

/** `app.get('/users/:id', requireAuth, …)`, `router.route('/x').post(…)`, `fastify.route({ method, url })`, `app.use('/api', users)`. */
function fromSource(text: string, notes: Notes): readonly Listed[] {
  const found: Listed[] = []
  const mounts = new Map<string, string>()
  const lineOf = linesOf(text)
  for (const match of text.matchAll(/\.(?:use|register)\(\s*['"`](\/[^'"`]*)['"`]\s*,\s*([A-Za-z_$][\w$]*)/g))
    mounts.set(match[2] ?? '', (match[1] ?? '').replace(/\/$/, ''))
  for (const match of text.matchAll(
    /\b([A-Za-z_$][\w$]*)\.(get|post|put|patch|delete)\(\s*['"`](\/[^'"`$\n]*)['"`]([^\n]{0,200})/g,
  )) {
    const [, object = '', verb = '', path = '', rest = ''] = match
    found.push({
      method: verb.toUpperCase(),
      path: (mounts.get(object) ?? '') + path,
      where: `line ${lineOf(match.index)}`,
      guarded: guard.test(rest.split('=>')[0] ?? ''),
    })
  }
  for (const match of text.matchAll(/\.route\(\s*\{([^{}]{0,2000})/g)) {
    const method = /method:\s*(?:\[\s*)?['"`]([A-Za-z]+)['"`]/.exec(match[1] ?? '')?.[1]
    const url = /(?:url|path):\s*['"`](\/[^'"`]*)['"`]/.exec(match[1] ?? '')?.[1]
    if (method !== undefined && url !== undefined && verbs.test(method.toUpperCase()))
      found.push({
        method: method.toUpperCase(),
        path: url,
        where: `line ${lineOf(match.index)}`,
        guarded: guard.test(match[1] ?? ''),
      })
  }
  for (const match of text.matchAll(/\.route\(\s*['"`](\/[^'"`\n]*)['"`]\s*\)/g)) {
    const from = match.index + match[0].length
    const [chain = ''] = text.slice(from, from + 2_000).split(';', 1)
    for (const verb of chain.matchAll(
      /^\s*\.(get|post|put|patch|delete)\(([^)]{0,200})|\)\s*\.(get|post|put|patch|delete)\(([^)]{0,200})/g,
    ))
      found.push({
        method: (verb[1] ?? verb[3] ?? '').toUpperCase(),
        path: match[1] ?? '',
        where: `line ${lineOf(match.index)}`,
        guarded: guard.test(verb[2] ?? verb[4] ?? ''),
      })
  }
  if (found.length > 0)
    notes.add(
      'the source',
      'routes that are computed, or mounted in other files, are not seen',
      'list the routes of the running application instead',
    )
  return found
}

/** Line of an offset, from 1. */
function linesOf(text: string): (offset: number) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low + 1
  }
}
