import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { PolicyReply, PolicyVersion } from '../../../../src/admin/contract.ts'
import { useReply } from '../../api/use-reply.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { Panel, Pill, Rows } from '../../parts/parts.tsx'
import { Reply } from '../../parts/reply.tsx'
import { Time } from '../../parts/time.tsx'
import styles from '../policy.module.css'
import { Diff } from './diff.tsx'

/** What was in the file: compared, and put back. */
export function History({ current }: { readonly current: PolicyReply | undefined }): ReactNode {
  const history = useReply<{ readonly items: readonly PolicyVersion[] }>('policy/history')
  const [chosen, setChosen] = useState<number>()
  const version = useReply<{ readonly text: string }>(
    chosen === undefined ? undefined : `policy/history/${chosen}`,
  )
  return (
    <Panel title="History" flush>
      <Reply of={history}>
        {({ items }) => (
          <div className="stack">
            <Rows
              label="Versions"
              rows={items}
              keyOf={(row) => String(row.version)}
              columns={[
                { name: 'Version', cell: (row) => <span className="num">{row.version}</span> },
                { name: 'When', cell: ({ at }) => <Time at={Date.parse(at)} /> },
                { name: 'By', cell: ({ by }) => (by === '' ? 'in the file' : by) },
                { name: 'What', cell: ({ note }) => note },
                {
                  name: 'Do',
                  cell: (row) =>
                    row.etag === current?.etag ? (
                      <Pill tone="plain">this one</Pill>
                    ) : (
                      <span className="row">
                        <Button
                          size="xs"
                          variant="default"
                          aria-expanded={chosen === row.version}
                          onClick={() => setChosen(chosen === row.version ? undefined : row.version)}
                        >
                          Compare
                        </Button>
                        {current !== undefined && (
                          <ActionButton
                            label="Go back to it"
                            needs="administrator"
                            says={`Version ${row.version} is put in the place of the file. The gateway reloads it.`}
                            change={() => ({
                              path: 'policy/rollback',
                              json: { version: row.version },
                              ifMatch: current.etag,
                              done: `Back to version ${row.version}.`,
                            })}
                          />
                        )}
                      </span>
                    ),
                },
              ]}
            />
            {version.data !== undefined && current !== undefined && (
              <div className={styles['inside']}>
                <Diff before={version.data.text} after={current.text} />
              </div>
            )}
          </div>
        )}
      </Reply>
    </Panel>
  )
}
