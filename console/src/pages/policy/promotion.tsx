import type { ReactNode } from 'react'
import type { PromotionReply } from '../../../../src/admin/contract.ts'
import { useReply } from '../../api/use-reply.ts'
import { hrefOf } from '../../location.ts'
import { Panel, Pill, Rows } from '../../parts/parts.tsx'
import { Reply } from '../../parts/reply.tsx'

/** Checks that only watch, and whether they can enforce. */
export function Promotion(): ReactNode {
  const promotion = useReply<{ readonly items: readonly PromotionReply[] }>('policy/promotion')
  return (
    <Panel title="Only watching">
      <Reply of={promotion} height={60}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="dim">Every check that spoke in seven days enforces.</p>
          ) : (
            <Rows
              label="Checks that only watch"
              rows={items}
              keyOf={({ api, check }) => `${api} ${check}`}
              columns={[
                { name: 'API', cell: ({ api }) => api },
                { name: 'Check', cell: ({ check }) => <span className="mono">{check}</span> },
                {
                  name: 'Advice',
                  cell: ({ advice }) => (
                    <Pill tone={advice === 'enforce' ? 'allowed' : 'observed'}>{advice}</Pill>
                  ),
                },
                { name: 'Because', cell: ({ because }) => because },
                {
                  name: 'Look at',
                  cell: ({ operations }) =>
                    operations.map(({ operation, count, example }) => (
                      <div key={operation}>
                        <a href={hrefOf(['traffic', example])}>{operation}</a>{' '}
                        <span className="dim">{count}</span>
                      </div>
                    )),
                },
              ]}
            />
          )
        }
      </Reply>
    </Panel>
  )
}
