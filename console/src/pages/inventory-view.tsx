import { SegmentedControl } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { InventoryReply, InventoryRow } from '../../../src/admin/contract.ts'
import { useReply } from '../api/use-reply.ts'
import { hrefOf } from '../location.ts'
import { Code, Empty, Panel, Pill, Rows, type Tone } from '../parts/parts.tsx'
import { Reply } from '../parts/reply.tsx'
import { ago, count } from '../words/format.ts'

const tones: Readonly<Record<InventoryRow['state'], Tone>> = {
  called: 'allowed',
  'never-called': 'plain',
  deprecated: 'observed',
  shadow: 'denied',
}
const words: Readonly<Record<InventoryRow['state'], string>> = {
  called: 'called',
  'never-called': 'never called',
  deprecated: 'deprecated, yet called',
  shadow: 'not declared',
}
const states = ['shadow', 'deprecated', 'never-called', 'called'] as const

/** What is called beside what is declared: shadows, zombies, and what nobody needs. */
export function InventoryView({ api }: { readonly api: string }): ReactNode {
  const reply = useReply<InventoryReply>(`inventory?api=${encodeURIComponent(api)}`, 30_000)
  const [state, setState] = useState('')
  return (
    <Reply
      of={reply}
      height={300}
      missing={
        <Empty title="No inventory here" code={`sallyport events --api ${api}`}>
          This gateway does not keep one. What was called is among the calls:
        </Empty>
      }
    >
      {({ items }) => {
        if (items.length === 0)
          return <Empty title="Nothing seen yet">The first calls of this API fill the inventory.</Empty>
        const shown = items.filter((one) => state === '' || one.state === state)
        return (
          <div className="stack">
            <SegmentedControl
              aria-label="State"
              value={state}
              onChange={setState}
              data={[
                { label: `All ${items.length}`, value: '' },
                ...states.map((one) => ({
                  label: `${words[one]} ${items.filter((row) => row.state === one).length}`,
                  value: one,
                })),
              ]}
            />
            <Panel flush>
              <Rows
                label="Inventory"
                rows={shown}
                keyOf={(row) => `${row.method} ${row.path}`}
                columns={columns}
              />
            </Panel>
          </div>
        )
      }}
    </Reply>
  )
}

const columns = [
  {
    name: 'Operation',
    cell: (row: InventoryRow) => (
      <>
        {row.operation !== null && (
          <a href={hrefOf(['traffic'], { api: row.api, operation: row.operation })}>{row.operation}</a>
        )}
        <div className="mono dim small">
          {row.method} {row.path}
        </div>
        {row.draft !== undefined && (
          <details>
            <summary className="small">a draft for the contract</summary>
            <Code>{row.draft}</Code>
          </details>
        )}
      </>
    ),
  },
  { name: 'State', cell: (row: InventoryRow) => <Pill tone={tones[row.state]}>{words[row.state]}</Pill> },
  {
    name: 'Calls',
    cell: (row: InventoryRow) => (row.calls === 0 ? '–' : `${count(row.calls)} by ${count(row.callers)}`),
  },
  {
    name: 'Known by',
    cell: (row: InventoryRow) => (row.authentication.length === 0 ? '–' : row.authentication.join(', ')),
  },
  {
    name: 'Not in the contract',
    cell: (row: InventoryRow) => (row.undocumented.length === 0 ? '–' : row.undocumented.join(', ')),
  },
  {
    name: 'Holds',
    cell: (row: InventoryRow) => (row.dataClasses.length === 0 ? '–' : row.dataClasses.join(', ')),
  },
  {
    name: 'Last seen',
    cell: (row: InventoryRow) => (row.lastSeen === null ? 'never' : ago(Date.parse(row.lastSeen))),
  },
]
