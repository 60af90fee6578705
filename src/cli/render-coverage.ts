import type { CoverageTable } from '../app/coverage-table.ts'
import { paint } from '../report/paint.ts'
import { renderTable } from '../report/render-table.ts'

const marks = { guarded: '+', watched: '~', open: '!', none: '-' } as const

/** Operations × controls as a table, with what the marks mean and how many cells are open. */
export function renderCoverage(table: CoverageTable, colour: boolean): string {
  const several = new Set(table.rows.map((row) => row.api)).size > 1
  const rows = table.rows.map((row) => [
    `${several ? `${row.api}: ` : ''}${row.method} ${row.template}`,
    ...table.columns.map((column) => {
      const { state, by } = row.cells[column]
      return `${marks[state]} ${by}`.slice(0, 40)
    }),
  ])
  const cells = table.rows.flatMap((row) => table.columns.map((column) => row.cells[column].state))
  const count = (state: string): number => cells.filter((cell) => cell === state).length
  const summary = `${table.rows.length} operations: ${count('guarded')} guarded, ${count('watched')} watched, ${count('open')} open`
  return [
    renderTable(['operation', ...table.columns], rows, { colour }),
    `${paint(summary, 'bold', colour)}   (+ guarded  ~ only watched  ! open  - does not apply)`,
    '',
    ...openList(table, colour),
  ].join('\n')
}

/** The worst of what is open, with the line that closes it. */
function openList({ open }: CoverageTable, colour: boolean): string[] {
  if (open.length === 0) return []
  const shown = open.slice(0, 15)
  const rows = shown.map((one) => [`${one.method} ${one.template}`, one.control, one.why, one.add])
  const more =
    open.length > shown.length ? [`and ${open.length - shown.length} more: --format json lists all`] : []
  return [renderTable(['open, worst first', 'control', 'why', 'write'], rows, { colour }), ...more, '']
}
