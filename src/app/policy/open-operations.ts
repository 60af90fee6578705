import type { CoverageColumn, CoverageRow, OpenOperation } from './coverage-table.ts'

const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** What nothing guards, worst first: writes to unguarded objects before reads, reads before missing limits. */
export function rankOpen(
  rows: readonly CoverageRow[],
  columns: readonly CoverageColumn[],
): readonly OpenOperation[] {
  return rows
    .flatMap((row) =>
      columns.flatMap((control) => {
        const cell = row.cells[control]
        if (cell.state !== 'open') return []
        const { api, operation, method, template } = row
        return [
          {
            api,
            operation,
            method,
            template,
            control,
            why: cell.by,
            weight: weigh(row, control),
            add: lineToAdd(row, control),
          },
        ]
      }),
    )
    .toSorted(
      (a, b) =>
        b.weight - a.weight || a.template.localeCompare(b.template) || a.control.localeCompare(b.control),
    )
}

function weigh(row: CoverageRow, control: CoverageColumn): number {
  const unsafe = !safe.has(row.method)
  switch (control) {
    case 'object': {
      // A function rule lets only some callers near it.
      const weight = unsafe ? 100 : 80
      return row.cells.function.state === 'guarded' ? weight / 2 : weight
    }
    case 'authentication':
      return unsafe ? 70 : 40
    case 'limit':
      return row.cells.authentication.state === 'open' ? 60 : 20
    case 'scope':
      return unsafe ? 35 : 30
    case 'content':
      return 5
    default:
      return 10
  }
}

/** The control that switches a column off. */
const controls = {
  function: 'function',
  'property-read': 'property',
  'property-write': 'property',
  flow: 'function',
  validation: 'schema',
  injection: 'injection',
} as const

function lineToAdd({ operation, template }: CoverageRow, control: CoverageColumn): string {
  const id = [...template.matchAll(/\{([^}]+)\}/g)].at(-1)?.[1] ?? 'id'
  switch (control) {
    case 'object':
      return `objects: { ${id.replace(/_?id$/i, '') || 'thing'}: { id: path.${id}, owner: … } }`
    case 'limit':
      return `limits: [{ for: ${operation}, per: caller, rate: 100/min }]`
    case 'authentication':
      return 'security: in the contract, or leave it public on purpose'
    case 'scope':
      return 'scopes: in the contract’s security requirement of the operation'
    case 'content':
      return `content: [{ for: ${operation}, trust: user-generated, mode: mark }]`
    case 'reply':
      return 'prune: enforce'
    default:
      return `controls: { ${controls[control]}: enforce }`
  }
}
