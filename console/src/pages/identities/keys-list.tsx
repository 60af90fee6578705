import type { ReactNode } from 'react'
import type { KeyReply } from '../../../../src/admin/contract.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { Paged } from '../../parts/paged.tsx'
import { Empty, Pill, type Tone } from '../../parts/parts.tsx'
import { Time } from '../../parts/time.tsx'
import { NewKey } from './new-key.tsx'

const tones: Readonly<Record<KeyReply['state'], Tone>> = {
  active: 'allowed',
  disabled: 'observed',
  revoked: 'denied',
  expired: 'plain',
}
const none = (
  <Empty title="No API key yet" code="sallyport keys create --name importer --owner team-data">
    A key is for programs without a person. It is shown once, when it is made:
  </Empty>
)

/** API keys; what they are is known to their owners alone. */
export function KeysList(): ReactNode {
  return (
    <Paged<KeyReply>
      label="API keys"
      aside={<NewKey />}
      path="keys"
      keyOf={({ id }) => id}
      missing={none}
      none={none}
      columns={[
        {
          name: 'Key',
          cell: ({ id, name }) => (
            <>
              {name}
              <div className="mono dim small">{id}</div>
            </>
          ),
        },
        { name: 'State', cell: ({ state }) => <Pill tone={tones[state]}>{state}</Pill> },
        { name: 'Owner', cell: ({ owner }) => owner },
        { name: 'Scopes', cell: ({ scopes }) => scopes.join(' ') || '–' },
        {
          name: 'Until',
          cell: ({ expires }) => (expires === null ? 'no end' : <Time at={Date.parse(expires)} />),
        },
        {
          name: 'Last used',
          cell: ({ lastUsed }) => (lastUsed === null ? 'never' : <Time at={Date.parse(lastUsed)} />),
        },
        {
          name: 'Do',
          cell: (key) => <Actions of={key} />,
        },
      ]}
    />
  )
}

function Actions({ of: { id, name, state } }: { readonly of: KeyReply }): ReactNode {
  if (state !== 'active' && state !== 'disabled') return null
  const action = (label: string, what: string, says: string, done: string): ReactNode => (
    <ActionButton
      label={label}
      says={says}
      needs={what === 'enable' ? 'administrator' : 'operator'}
      danger={what !== 'enable'}
      change={({ reason }) => ({ path: `keys/${encodeURIComponent(id)}/${what}`, json: { reason }, done })}
    />
  )
  return (
    <div className="row">
      {state === 'active'
        ? action('Disable', 'disable', `${name} is refused until it is enabled again.`, `Disabled ${name}.`)
        : action('Enable', 'enable', `${name} works again.`, `Enabled ${name}.`)}
      {action('Revoke', 'revoke', `${name} stops working now, for good.`, `Revoked ${name}.`)}
    </div>
  )
}
