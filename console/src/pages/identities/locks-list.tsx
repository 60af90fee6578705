import type { ReactNode } from 'react'
import type { LockReply } from '../../../../src/admin/contract.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { Paged } from '../../parts/paged.tsx'
import { Empty } from '../../parts/parts.tsx'
import { Time } from '../../parts/time.tsx'

const none = (
  <Empty title="Nobody is locked" code="limits: [{ for: login, per: body.username, failures: 5, lock: 15m }]">
    A limit may lock who fails too often. Those that it holds are here until their time is over:
  </Empty>
)

/** Who failed too often and has to wait. */
export function LocksList(): ReactNode {
  return (
    <Paged<LockReply>
      label="Locks"
      path="locks"
      keyOf={({ id }) => id}
      missing={none}
      none={none}
      columns={[
        { name: 'API', cell: ({ api }) => api },
        { name: 'Limit', cell: ({ limit }) => limit },
        { name: 'Who, as a digest', cell: ({ id }) => <span className="mono">{id}</span> },
        { name: 'Since', cell: ({ created }) => <Time at={Date.parse(created)} /> },
        { name: 'Until', cell: ({ until }) => <Time at={Date.parse(until)} /> },
        {
          name: 'Do',
          cell: ({ id, limit }) => (
            <ActionButton
              label="Unlock"
              says={`Whoever ${limit} locked may try again at once.`}
              change={({ reason }) => ({
                path: `locks/${encodeURIComponent(id)}`,
                method: 'DELETE',
                json: { reason },
                done: 'Unlocked.',
              })}
            />
          ),
        },
      ]}
    />
  )
}
