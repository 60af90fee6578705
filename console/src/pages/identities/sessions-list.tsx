import type { ReactNode } from 'react'
import type { AccountSession } from '../../../../src/admin/contract.ts'
import { hrefOf } from '../../location.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { Paged } from '../../parts/paged.tsx'
import { Empty } from '../../parts/parts.tsx'
import { Time } from '../../parts/time.tsx'
import { NoServer } from './no-server.tsx'

/** Who is signed in at the embedded server. */
export function SessionsList({ account }: { readonly account: string | undefined }): ReactNode {
  return (
    <Paged<AccountSession>
      label="Sessions"
      path="sessions"
      query={{ account }}
      keyOf={({ id }) => id}
      missing={<NoServer />}
      none={
        <Empty title="Nobody is signed in">
          A session begins on the sign-in page and ends by itself, by signing out, or here.
        </Empty>
      }
      columns={[
        {
          name: 'Account',
          cell: (one) => <a href={hrefOf(['principals', one.account])}>{one.account}</a>,
        },
        { name: 'Signed in by', cell: ({ amr }) => amr.join(', ') },
        { name: 'From', cell: ({ address }) => address },
        { name: 'With', cell: ({ userAgent }) => userAgent },
        { name: 'Began', cell: ({ created }) => <Time at={Date.parse(created)} /> },
        { name: 'Last seen', cell: ({ lastSeen }) => <Time at={Date.parse(lastSeen)} /> },
        {
          name: 'Do',
          cell: ({ id, account: of }) => (
            <ActionButton
              label="End"
              danger
              says={`This session of ${of} ends now, with the tokens that came from it.`}
              change={({ reason }) => ({
                path: `sessions/${encodeURIComponent(id)}`,
                method: 'DELETE',
                json: { reason },
                done: 'The session has ended.',
              })}
            />
          ),
        },
      ]}
    />
  )
}
