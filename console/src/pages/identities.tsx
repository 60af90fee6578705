import { Tabs } from '@mantine/core'
import type { ReactNode } from 'react'
import { hrefOf, navigate, usePlace } from '../location.ts'
import { PageHead } from '../parts/parts.tsx'
import { AccountsList } from './identities/accounts-list.tsx'
import { ClientsList } from './identities/clients-list.tsx'
import { KeysList } from './identities/keys-list.tsx'
import { LocksList } from './identities/locks-list.tsx'
import { RevokeForm } from './identities/revoke-form.tsx'
import { SessionsList } from './identities/sessions-list.tsx'

const views = [
  { value: 'accounts', name: 'Accounts', show: () => <AccountsList /> },
  { value: 'sessions', name: 'Sessions', show: (of: string | undefined) => <SessionsList account={of} /> },
  { value: 'clients', name: 'Clients', show: () => <ClientsList /> },
  { value: 'keys', name: 'API keys', show: () => <KeysList /> },
  { value: 'locks', name: 'Locks', show: () => <LocksList /> },
  { value: 'revoke', name: 'Revoke', show: () => <RevokeForm /> },
] as const

/** Who may come, and how to make that end. */
export function IdentitiesPage({ view }: { readonly view: string | undefined }): ReactNode {
  const { query } = usePlace()
  const shown = views.find(({ value }) => value === view) ?? views[0]
  return (
    <>
      <PageHead title="Identities" says="Who may come to the gate, with what, and how to make that end." />
      <Tabs
        value={shown.value}
        onChange={(value) => navigate(hrefOf(['identities', value ?? '']))}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {views.map(({ value, name }) => (
            <Tabs.Tab key={value} value={value}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={shown.value}>{shown.show(query.get('account') ?? undefined)}</Tabs.Panel>
      </Tabs>
    </>
  )
}
