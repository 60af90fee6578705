import type { ReactNode } from 'react'
import type { ClientReply } from '../../../../src/admin/contract.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { Paged } from '../../parts/paged.tsx'
import { Empty, Pill } from '../../parts/parts.tsx'
import { Time } from '../../parts/time.tsx'
import { NoServer } from './no-server.tsx'

/** Applications that get tokens from the embedded server. */
export function ClientsList(): ReactNode {
  return (
    <Paged<ClientReply>
      label="Clients"
      path="clients"
      keyOf={({ id }) => id}
      missing={<NoServer />}
      none={
        <Empty title="No client yet" code="sallyport client add --help">
          An application that people sign in to is a client:
        </Empty>
      }
      columns={[
        {
          name: 'Client',
          cell: ({ id, name }) => (
            <>
              {name ?? id}
              <div className="mono dim small">{id}</div>
            </>
          ),
        },
        {
          name: 'State',
          cell: ({ disabled }) => (
            <Pill tone={disabled ? 'denied' : 'allowed'}>{disabled ? 'disabled' : 'active'}</Pill>
          ),
        },
        { name: 'Gets tokens by', cell: ({ grantTypes }) => grantTypes.join(', ') },
        { name: 'Scopes', cell: ({ scopes }) => scopes.join(' ') || '–' },
        { name: 'Comes back to', cell: ({ redirectUris }) => redirectUris.join(', ') || '–' },
        { name: 'Since', cell: ({ created }) => <Time at={Date.parse(created)} /> },
        {
          name: 'Do',
          cell: ({ id, disabled }) => (
            <ActionButton
              label={disabled ? 'Enable' : 'Disable'}
              needs={disabled ? 'administrator' : 'operator'}
              danger={!disabled}
              says={
                disabled ? `${id} may get tokens again.` : `${id} gets no more tokens; those that it has end.`
              }
              change={({ reason }) => ({
                path: `clients/${encodeURIComponent(id)}/${disabled ? 'enable' : 'disable'}`,
                json: { reason },
                done: `${disabled ? 'Enabled' : 'Disabled'} ${id}.`,
              })}
            />
          ),
        },
      ]}
    />
  )
}
