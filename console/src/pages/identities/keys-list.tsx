import type { ReactNode } from 'react'
import type { KeyReply } from '../../../../src/admin/contract.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { Paged } from '../../parts/paged.tsx'
import { Empty, Pill, type Tone } from '../../parts/parts.tsx'
import { ago, day } from '../../words/format.ts'

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
        { name: 'Until', cell: ({ expires }) => (expires === null ? 'no end' : day(Date.parse(expires))) },
        {
          name: 'Last used',
          cell: ({ lastUsed }) => (lastUsed === null ? 'never' : ago(Date.parse(lastUsed))),
        },
        {
          name: 'Do',
          cell: ({ id, name, state }) =>
            state === 'active' || state === 'disabled' ? (
              <ActionButton
                label="Revoke"
                needs="administrator"
                danger
                says={`${name} stops working now, for good.`}
                change={({ reason }) => ({
                  path: `keys/${encodeURIComponent(id)}/revoke`,
                  json: { reason },
                  done: `Revoked ${name}.`,
                })}
              />
            ) : undefined,
        },
      ]}
    />
  )
}
