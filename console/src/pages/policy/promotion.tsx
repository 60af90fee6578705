import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { PromotionReply } from '../../../../src/admin/contract.ts'
import { useReply } from '../../api/use-reply.ts'
import { hrefOf } from '../../location.ts'
import { Panel, Pill, Rows } from '../../parts/parts.tsx'
import { Reply } from '../../parts/reply.tsx'
import { count } from '../../words/format.ts'

/** Checks that only watch, and whether they can enforce. */
export function Promotion(props: {
  /** Undefined: this one may not change the policy, or it is not there yet. */
  readonly enforce: ((api: string, check: string) => void) | undefined
}): ReactNode {
  const promotion = useReply<{ readonly items: readonly PromotionReply[] }>('policy/promotion')
  return (
    <Panel title="Only watching" flush={(promotion.data?.items.length ?? 0) > 0}>
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
                { name: 'Check', cell: ({ check }) => <span className="mono whole">{check}</span> },
                {
                  name: 'Advice',
                  cell: ({ advice }) => (
                    <Pill tone={advice === 'enforce' ? 'allowed' : 'observed'}>{advice}</Pill>
                  ),
                },
                { name: 'Because', cell: ({ because }) => because },
                {
                  name: 'Would refuse',
                  cell: ({ wouldRefuse, calls, callers }) => (
                    <span className="num">
                      {count(wouldRefuse)} of {count(calls)} calls
                      {callers > 0 && <span className="dim"> · {count(callers)} callers</span>}
                    </span>
                  ),
                },
                {
                  name: 'Look at',
                  cell: ({ operations }) =>
                    operations.map(({ operation, count: calls, example }) => (
                      <div key={operation} className="whole">
                        <a href={hrefOf(['traffic', example])}>{operation}</a>{' '}
                        <span className="dim">{calls}</span>
                      </div>
                    )),
                },
                ...(props.enforce === undefined
                  ? []
                  : [
                      {
                        name: 'Do',
                        cell: ({ api, check }: PromotionReply) => (
                          <Button size="xs" variant="default" onClick={() => props.enforce?.(api, check)}>
                            Enforce
                          </Button>
                        ),
                      },
                    ]),
              ]}
            />
          )
        }
      </Reply>
    </Panel>
  )
}
