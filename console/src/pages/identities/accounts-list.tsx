import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { AccountReply } from '../../../../src/admin/contract.ts'
import { hrefOf } from '../../location.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { Paged } from '../../parts/paged.tsx'
import { Empty, Pill } from '../../parts/parts.tsx'
import { day } from '../../words/format.ts'
import { NoServer } from './no-server.tsx'

/** Accounts of the embedded server. */
export function AccountsList(): ReactNode {
  return (
    <Paged<AccountReply>
      label="Accounts"
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
              <a href={hrefOf(['traffic'], { sub: one.id })}>{one.email}</a>
              <div className="dim small">{one.name ?? one.id}</div>
            </>
          ),
        },
        { name: 'State', cell: stateOf },
        { name: 'Roles', cell: ({ roles }) => roles.join(', ') || '–' },
        { name: 'Second factor', cell: ({ secondFactors }) => secondFactors.join(', ') || 'none' },
        { name: 'Since', cell: ({ created }) => day(Date.parse(created)) },
        { name: 'Do', cell: (one) => <Actions account={one} /> },
      ]}
    />
  )
}

function stateOf({ disabled, emailVerified }: AccountReply): ReactNode {
  if (disabled) return <Pill tone="denied">disabled</Pill>
  return emailVerified ? <Pill tone="allowed">active</Pill> : <Pill tone="observed">not confirmed</Pill>
}

function Actions({ account }: { readonly account: AccountReply }): ReactNode {
  const path = `accounts/${encodeURIComponent(account.id)}`
  return (
    <div className="row">
      <Button
        component="a"
        size="xs"
        variant="default"
        href={hrefOf(['identities', 'sessions'], { account: account.id })}
      >
        Sessions
      </Button>
      {account.disabled ? (
        <ActionButton
          label="Enable"
          needs="administrator"
          says={`${account.email} may sign in again.`}
          change={({ reason }) => ({
            path: `${path}/enable`,
            json: { reason },
            done: `Enabled ${account.email}.`,
          })}
        />
      ) : (
        <ActionButton
          label="Disable"
          needs="administrator"
          danger
          says={`${account.email} cannot sign in; its sessions and tokens end now.`}
          change={({ reason }) => ({
            path: `${path}/disable`,
            json: { reason },
            done: `Disabled ${account.email}.`,
          })}
        />
      )}
      <ActionButton
        label="Sign out"
        says={`All sessions of ${account.email} end now.`}
        change={({ reason }) => ({
          path: `${path}/sign-out`,
          json: { reason },
          done: `Signed ${account.email} out.`,
        })}
      />
    </div>
  )
}
