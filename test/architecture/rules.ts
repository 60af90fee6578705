import type { Import } from './imports.ts'

/** Rank of each folder of `src/`; a folder imports strictly lower ranks and itself. */
const ranks: ReadonlyMap<string, number> = new Map([
  ['kernel', 0],
  ...['crypto', 'config', 'contract', 'expression', 'media', 'outbound', 'report', 'repositories'].map(
    (name) => [name, 1] as const,
  ),
  ...['listen', 'identify', 'authorize', 'limit', 'inspect', 'forward', 'screen', 'record'].map(
    (name) => [`stages/${name}`, 2] as const,
  ),
  ...['memory', 'sqlite', 'postgres', 'redis', 'lease'].map((name) => [`stores/${name}`, 2] as const),
  ...['gateway', 'authority', 'audit', 'import', 'probe', 'admin'].map((name) => [name, 3] as const),
  ['app', 4],
  ['cli', 5],
])

/** Packages and built-in modules that only some folders may use. */
const reserved: readonly { readonly name: RegExp; readonly only: readonly string[] }[] = [
  { name: /^node:sqlite$/, only: ['stores/sqlite'] },
  { name: /^pg$/, only: ['stores/postgres'] },
  { name: /^(redis|ioredis|@redis\/.*|iovalkey)$/, only: ['stores/redis'] },
  { name: /^kysely$/, only: ['repositories', 'stores/sqlite', 'stores/postgres'] },
  {
    name: /^node:(http|https|http2|net|tls|dgram)$/,
    only: ['stages/listen', 'stages/forward', 'outbound', 'app'],
  },
  { name: /^(undici|nodemailer)$/, only: ['outbound'] },
]

/** `stages/listen/target.ts` → `stages/listen`; undefined for `src/index.ts`. */
export function folderOf(path: string): string | undefined {
  const parts = path.replace(/^src\//, '').split('/')
  if (parts.length < 2) return undefined
  return parts[0] === 'stages' || parts[0] === 'stores' ? `${parts[0]}/${parts[1]}` : parts[0]
}

/** What is wrong with the imports, one sentence each. */
export function violations(imports: readonly Import[]): string[] {
  return imports.flatMap((one) => {
    const from = folderOf(one.from)
    if (from === undefined) return []
    const rank = ranks.get(from)
    if (rank === undefined) return [`${one.from}: folder ${from} has no rank`]
    if (one.to.startsWith('missing:')) return [`${one.from}: ${one.to.slice(8)} does not exist`]
    if (!one.to.startsWith('src/')) return packageViolations(one, from)
    const to = folderOf(one.to)
    if (to === from) return []
    const other = to === undefined ? undefined : ranks.get(to)
    if (other === undefined) return [`${one.from}: imports ${one.to}, which has no rank`]
    return other < rank ? [] : [`${one.from}: ${from} (rank ${rank}) imports ${to} (rank ${other})`]
  })
}

/** Names of `node:net` that open no socket. */
const pure: ReadonlySet<string> = new Set(['isIP', 'isIPv4', 'isIPv6', 'BlockList', 'SocketAddress'])

function packageViolations(one: Import, from: string): string[] {
  if (from === 'kernel' && !one.to.startsWith('node:')) return [`${one.from}: kernel imports ${one.to}`]
  // Types of a socket are no socket: a stage may hold one that it was given.
  if (one.typeOnly) return []
  if (one.to === 'node:net' && one.names.length > 0 && one.names.every((name) => pure.has(name))) return []
  return reserved
    .filter((rule) => rule.name.test(one.to) && !rule.only.includes(from))
    .map((rule) => `${one.from}: ${one.to} belongs to ${rule.only.join(', ')}`)
}

/** Cycles between files, each as the list of files on it. Type-only imports count: they tangle as much. */
export function cycles(imports: readonly Import[]): string[][] {
  const next = new Map<string, string[]>()
  for (const { from, to } of imports)
    if (to.startsWith('src/')) next.set(from, [...(next.get(from) ?? []), to])
  const state = new Map<string, 'open' | 'done'>()
  const found: string[][] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file])
      return
    }
    state.set(file, 'open')
    for (const to of next.get(file) ?? []) visit(to, [...path, file])
    state.set(file, 'done')
  }
  for (const file of next.keys()) visit(file, [])
  return found
}
