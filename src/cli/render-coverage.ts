import type { CoverageColumn, CoverageRow, CoverageTable } from '../app/policy/coverage-table.ts'
import type { Place } from '../kernel/finding.ts'
import { displayPath } from '../report/display-path.ts'
import { paint } from '../report/paint.ts'
import { printable } from '../report/printable.ts'
import { renderTable } from '../report/render-table.ts'

const marks = { guarded: '+', watched: '~', open: '!', none: '-' } as const

/** Headings that leave room for the operation on a terminal of 120 columns. */
const headings: Readonly<Record<CoverageColumn, string>> = {
  authentication: 'authn',
  scope: 'scope',
  function: 'func',
  object: 'object',
  'property-read': 'read',
  'property-write': 'write',
  flow: 'flow',
  limit: 'limit',
  validation: 'valid',
  injection: 'inject',
  reply: 'reply',
  content: 'trust',
}
const widestOperation = 36
const widestWhy = 18
const widestReason = 60
const widestLine = 42

/** Operations × controls as a table of marks, what the marks mean, and what is open; `rules` adds what stands behind each. */
export function renderCoverage(table: CoverageTable, colour: boolean, rules = false): string {
  const several = new Set(table.rows.map((row) => row.api)).size > 1
  const named = (row: CoverageRow): string => `${several ? `${row.api}: ` : ''}${row.method} ${row.template}`
  const rows = table.rows.map((row) => [
    shorten(named(row), widestOperation),
    ...table.columns.map((column) => marks[row.cells[column].state]),
  ])
  const cells = table.rows.flatMap((row) => table.columns.map((column) => row.cells[column].state))
  const count = (state: string): number => cells.filter((cell) => cell === state).length
  const summary = `${table.rows.length} operations: ${count('guarded')} guarded, ${count('watched')} watched, ${count('open')} open`
  return [
    renderTable(['operation', ...table.columns.map((column) => headings[column])], rows, { colour }),
    `${paint(summary, 'bold', colour)}   (+ guarded  ~ only watched  ! open  - does not apply)`,
    '',
    ...(rules ? table.rows.flatMap((row) => ruleLines(named(row), row, table.columns, colour)) : []),
    ...openList(table, colour),
    ...(rules
      ? []
      : ['`coverage --rules` says which rule stands behind each mark, and where it is written.', '']),
  ].join('\n')
}

/** One operation: each control with its rule and the rule's place. */
function ruleLines(
  name: string,
  row: CoverageRow,
  columns: readonly CoverageColumn[],
  colour: boolean,
): string[] {
  const lines = columns.flatMap((column) => {
    const { state, by, at = [] } = row.cells[column]
    if (state === 'none') return []
    const places = at.map(placeText).join(', ')
    return [`  ${marks[state]} ${column.padEnd(15)} ${printable(by)}${places === '' ? '' : `   ${places}`}`]
  })
  return [paint(printable(name), 'bold', colour), ...lines, '']
}

function placeText({ file, line, pointer }: Place): string {
  const where = line === undefined ? (pointer ?? '') : `:${line}`
  return printable(`${displayPath(file)}${where}`)
}

/** The worst of what is open, with the line that closes it. */
function openList({ open }: CoverageTable, colour: boolean): string[] {
  if (open.length === 0) return []
  const shown = open.slice(0, 15)
  const rows = shown.map((one) => [
    shorten(`${one.method} ${one.template}`, 34),
    one.control,
    one.why,
    one.add,
  ])
  const narrow = rows.every(
    (row) => (row[2] ?? '').length <= widestWhy && (row[3] ?? '').length <= widestLine,
  )
  const more =
    open.length > shown.length ? [`and ${open.length - shown.length} more: --format json lists all`] : []
  const lines = new Map<string, number[]>()
  for (const [i, { add }] of shown.entries()) lines.set(add, [...(lines.get(add) ?? []), i + 1])
  const table = narrow
    ? [renderTable(['open, worst first', 'control', 'why', 'write'], rows, { colour })]
    : [
        renderTable(
          ['', 'open, worst first', 'control', 'why'],
          rows.map((row, i) => [String(i + 1), ...row.slice(0, 2), shorten(row[2] ?? '', widestReason)]),
          { colour },
        ),
        paint('write, under the API', 'bold', colour),
        ...[...lines].map(([add, numbers]) => `  ${printable(add)}   # ${numbers.join(', ')}`),
      ]
  return [...table, ...more, '']
}

/** The middle of a path says least. */
function shorten(text: string, most: number): string {
  if (text.length <= most) return text
  const tail = Math.floor((most - 1) / 2)
  return `${text.slice(0, most - 1 - tail)}…${text.slice(-tail)}`
}
