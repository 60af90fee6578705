import { paint } from './paint.ts'
import { printable } from './printable.ts'

export interface TableOptions {
  readonly colour?: boolean
}

/** Columns as wide as their widest cell, the header underlined by dashes. Ends with a newline. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const cells = [header, ...rows].map((row) => header.map((_, column) => printable(row[column] ?? '')))
  const widths = header.map((_, column) => Math.max(...cells.map((row) => [...(row[column] ?? '')].length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length))
      .join('  ')
      .trimEnd()
  const [first = [], ...rest] = cells
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [paint(line(first), 'bold', options.colour === true), rule, ...rest.map(line), ''].join('\n')
}
