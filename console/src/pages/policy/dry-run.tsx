import type { ReactNode } from 'react'
import type { DryRunReply } from '../../../../src/admin/contract.ts'
import { hrefOf } from '../../location.ts'
import { Empty, Pill, Rows } from '../../parts/parts.tsx'

/** What a text would have decided otherwise. */
export function DryRun({ report }: { readonly report: DryRunReply }): ReactNode {
  if (report.calls === 0)
    return <Empty title="Nothing to judge">No call of the last 24 hours is on record.</Empty>
  const unknown = report.unknown.reduce((sum, { count }) => sum + count, 0)
  return (
    <>
      <p>
        {report.calls} calls: {report.same} decided as before,{' '}
        {report.changed.reduce((sum, { count }) => sum + count, 0)} otherwise, {unknown} cannot be told
        {unknown > 0 && ` (they need ${report.unknown.map(({ why }) => why).join('; ')})`}.
      </p>
      {report.changed.length > 0 && (
        <Rows
          label="Calls that would be decided otherwise"
          rows={report.changed}
          keyOf={(row) => `${row.api} ${row.operation} ${row.caller} ${row.before} ${row.after}`}
          columns={[
            { name: 'Operation', cell: ({ operation }) => <span className="mono">{operation}</span> },
            { name: 'Caller', cell: ({ caller }) => (caller === '' ? 'nobody' : caller) },
            { name: 'Was', cell: ({ before }) => <Verdict of={before} /> },
            { name: 'Would be', cell: ({ after }) => <Verdict of={after} /> },
            { name: 'Calls', cell: ({ count }) => <span className="num">{count}</span> },
            { name: 'Example', cell: ({ example }) => <a href={hrefOf(['traffic', example])}>look</a> },
          ]}
        />
      )}
    </>
  )
}

function Verdict({ of }: { readonly of: string }): ReactNode {
  return <Pill tone={of === 'pass' ? 'allowed' : 'denied'}>{of}</Pill>
}
