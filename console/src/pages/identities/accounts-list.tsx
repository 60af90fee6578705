import type { ReactNode } from 'react'
import type { AccountReply } from '../../../../src/admin/contract.ts'
import { hrefOf } from '../../location.ts'
import { Paged } from '../../parts/paged.tsx'
import { Empty, Pill } from '../../parts/parts.tsx'
import { Time } from '../../parts/time.tsx'
import { AccountActions } from './account-actions.tsx'
import { NewAccount } from './new-account.tsx'
import { NoServer } from './no-server.tsx'

/** Accounts of the embedded server. */
export function AccountsList(): ReactNode {
  return (
    <Paged<AccountReply>
      label="Accounts"
      aside={<NewAccount />}
      path="accounts"
      keyOf={({ id }) => id}
      missing={<NoServer />}
      none={
        <Empty title="No account yet" code="sallyport user add ada@example.com">
          People register on the sign-in page, or are added:
        </Empty>
      }
      columns={[
        {
          name: 'Account',
          cell: (one) => (
            <>
              <a href={hrefOf(['principals', one.id])}>{one.email}</a>
              <div className="dim small">{one.name ?? one.id}</div>
            </>
          ),
        },
        { name: 'State', cell: stateOf },
        { name: 'Roles', cell: ({ roles }) => roles.join(', ') || '–' },
        { name: 'Second factor', cell: ({ secondFactors }) => secondFactors.join(', ') || 'none' },
        { name: 'Since', cell: ({ created }) => <Time at={Date.parse(created)} /> },
        { name: 'Do', cell: (one) => <AccountActions account={one} /> },
      ]}
    />
  )
}

function stateOf({ disabled, emailVerified }: AccountReply): ReactNode {
  if (disabled) return <Pill tone="denied">disabled</Pill>
  return emailVerified ? <Pill tone="allowed">active</Pill> : <Pill tone="observed">not confirmed</Pill>
}
