import type { CallEvent } from '../api/shapes.ts'
import { stageOfCode } from '../words/stages.ts'

/** What a list of calls is narrowed to; the names are those of the admin API. */
const filterNames = [
  'outcome',
  'api',
  'operation',
  'sub',
  'issuer',
  'address',
  'code',
  'stage',
  'status',
  'id',
  'q',
  'since',
  'until',
] as const
type FilterName = (typeof filterNames)[number]
export type Filter = Readonly<Partial<Record<FilterName, string>>>

const names: ReadonlySet<string> = new Set(filterNames)

export function filterOf(query: URLSearchParams): Filter {
  const filter: Partial<Record<FilterName, string>> = {}
  for (const name of filterNames) {
    const value = query.get(name)
    if (value !== null && value !== '') filter[name] = value
  }
  return filter
}

/** `code:AUTHORIZE_OBJECT sub:"ada lovelace" hotels` → the filter; words without a name are looked for anywhere. */
export function parseFilter(text: string): Filter {
  const filter: Partial<Record<FilterName, string>> = {}
  const words: string[] = []
  for (const [whole, name, quoted, plain] of text.matchAll(/(?:([a-z]+):)?(?:"([^"]*)"|([^\s"]+))/gi)) {
    const value = quoted ?? plain ?? ''
    const known = name?.toLowerCase()
    if (known !== undefined && names.has(known)) filter[known as FilterName] = value
    else words.push(known === undefined ? value : whole)
  }
  if (words.length > 0) filter.q = words.join(' ')
  return filter
}

/** The reverse of {@link parseFilter}; outcome and times have controls of their own. */
export function writeFilter(filter: Filter): string {
  const parts: string[] = []
  for (const name of filterNames) {
    const value = filter[name]
    if (value === undefined || name === 'outcome' || name === 'since' || name === 'until') continue
    const shown = /[\s"]/.test(value) ? `"${value.replaceAll('"', '')}"` : value
    parts.push(name === 'q' ? value : `${name}:${shown}`)
  }
  return parts.join(' ')
}

/** The same question for a call that just came. */
export function matches(event: CallEvent, filter: Filter): boolean {
  const { outcome, operation, code, stage, status, q } = filter
  if (outcome === 'denied' && event.code === undefined) return false
  if (outcome === 'allowed' && event.code !== undefined) return false
  if (operation !== undefined && !event.operation.startsWith(operation)) return false
  if (code !== undefined && event.code !== code) return false
  if (stage !== undefined && (event.code === undefined || stageOfCode(event.code) !== stage)) return false
  if (status !== undefined && String(event.status) !== status) return false
  for (const name of ['api', 'sub', 'issuer', 'address', 'id'] as const)
    if (filter[name] !== undefined && event[name] !== filter[name]) return false
  if (filter.since !== undefined && event.time < Date.parse(filter.since)) return false
  if (filter.until !== undefined && event.time > Date.parse(filter.until)) return false
  return q === undefined || textOf(event).includes(q.toLowerCase())
}

function textOf(event: CallEvent): string {
  return [
    `${event.method} ${event.path}`,
    event.operation,
    event.sub,
    event.client ?? '',
    event.address,
    event.code ?? '',
    event.reason ?? '',
    event.id,
  ]
    .join('\n')
    .toLowerCase()
}
