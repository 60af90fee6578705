import { type Finding, Unusable } from '../kernel/finding.ts'
import type { Operation } from '../kernel/operation.ts'
import type { SchemaUses } from './schemas/schema-uses.ts'

/** What a selector chooses from. */
export interface Selectable {
  readonly operations: readonly Operation[]
  readonly schemas: readonly string[]
  readonly uses: SchemaUses
}

/**
 * Operations that a `for` selects: `*`, an operationId, `tag:NAME`, `METHOD /path/template`, `METHOD /prefix/**`,
 * `/prefix/**`, `/path/template` (all its methods), `schema:NAME`, or a list of these. In the order of the
 * contracts, without repeats. Throws `Unusable` (rule `contract.selector`) where an entry selects nothing.
 */
export function select(selector: string | readonly string[], contracts: readonly Selectable[]): Operation[] {
  const chosen = new Set<Operation>()
  const findings: Finding[] = []
  for (const one of typeof selector === 'string' ? [selector] : selector) {
    const found = selectOne(one.trim(), contracts)
    for (const operation of found) chosen.add(operation)
    if (found.length === 0) findings.push(nothing(one, contracts))
  }
  if (findings.length > 0) throw new Unusable(findings)
  if (chosen.size === 0) throw new Unusable([nothing('', contracts)])
  return contracts.flatMap((c) => c.operations).filter((operation) => chosen.has(operation))
}

function selectOne(selector: string, contracts: readonly Selectable[]): readonly Operation[] {
  const operations = contracts.flatMap((c) => c.operations)
  if (selector === '*') return operations
  if (selector.startsWith('tag:')) return operations.filter((o) => o.tags.includes(selector.slice(4)))
  if (selector.startsWith('schema:')) {
    const name = selector.slice(7)
    return contracts.flatMap((c) => c.operations.filter((o) => c.uses(name).has(o.slot)))
  }
  const byId = operations.filter((o) => o.id === selector)
  if (byId.length > 0) return byId
  const path = /^(?:([A-Za-z]+)\s+)?(\/\S*)$/.exec(selector)
  if (path === null) return []
  const method = path[1]?.toUpperCase()
  const template = path[2] as string
  const ofMethod = method === undefined ? operations : operations.filter((o) => o.method === method)
  if (!template.endsWith('/**')) return ofMethod.filter((o) => o.template === template)
  const prefix = template.slice(0, -3)
  return ofMethod.filter((o) => o.template === prefix || o.template.startsWith(`${prefix}/`))
}

function nothing(selector: string, contracts: readonly Selectable[]): Finding {
  const names = new Set<string>(['*'])
  for (const { operations, schemas } of contracts) {
    for (const { id, tags, method, template } of operations) {
      names.add(id).add(`${method} ${template}`)
      for (const tag of tags) names.add(`tag:${tag}`)
    }
    for (const schema of schemas) names.add(`schema:${schema}`)
  }
  const near = nearest(selector, [...names])
  const finding: Finding = {
    rule: 'contract.selector',
    severity: 'error',
    message: `selector \`${selector.slice(0, 120)}\` selects no operation`,
  }
  return near.length === 0
    ? finding
    : { ...finding, fix: `did you mean ${near.map((n) => `\`${n}\``).join(' or ')}?` }
}

/** Up to three names within a third of the word's length in edits. */
function nearest(word: string, names: readonly string[]): string[] {
  const most = Math.max(2, Math.floor(word.length / 3))
  return names
    .filter((name) => Math.abs(name.length - word.length) <= most)
    .map((name) => ({ name, edits: editsBetween(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ edits }) => edits <= most)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** Levenshtein distance. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
