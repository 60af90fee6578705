import { Button, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { AccountReply } from '../../../../src/admin/contract.ts'
import { useMay } from '../../api/session.tsx'
import { useChange } from '../../api/use-change.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { wordsIn } from './words-in.ts'

/** What can be done about an account. */
export function AccountActions({ account }: { readonly account: AccountReply }): ReactNode {
  const path = `accounts/${encodeURIComponent(account.id)}`
  const action = (label: string, what: string, says: string, done: string): ReactNode => (
    <ActionButton
      label={label}
      says={says}
      needs={what === 'enable' ? 'administrator' : 'operator'}
      danger={what === 'disable'}
      change={({ reason }) => ({ path: `${path}/${what}`, json: { reason }, done })}
    />
  )
  return (
    <div className="row">
      {account.disabled
        ? action('Enable', 'enable', `${account.email} may sign in again.`, `Enabled ${account.email}.`)
        : action(
            'Disable',
            'disable',
            `${account.email} cannot sign in; its sessions and tokens end now.`,
            `Disabled ${account.email}.`,
          )}
      {action(
        'Sign out',
        'sign-out',
        `All sessions of ${account.email} end now.`,
        `Signed ${account.email} out.`,
      )}
      {action(
        'Unlock',
        'unlock',
        `Delays and locks after wrong passwords for ${account.email} are taken off.`,
        `Unlocked ${account.email}.`,
      )}
      <RolesButton account={account} />
    </div>
  )
}

function RolesButton({ account }: { readonly account: AccountReply }): ReactNode {
  const may = useMay('administrator')
  const [open, setOpen] = useState(false)
  const [text, setText] = useState(account.roles.join(' '))
  const change = useChange()
  if (!may) return null
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>
        Roles
      </Button>
      <Dialog
        open={open}
        title={`Roles of ${account.email}`}
        submit="Set roles"
        busy={change.isPending}
        onClose={() => setOpen(false)}
        onSubmit={() =>
          change.mutate(
            {
              path: `accounts/${encodeURIComponent(account.id)}/roles`,
              json: { roles: wordsIn(text) },
              done: `Roles of ${account.email} are set.`,
            },
            { onSuccess: () => setOpen(false) },
          )
        }
      >
        <p>It has to sign in again: tokens that name other roles end now.</p>
        <TextInput
          label="Roles"
          description="Words, with spaces between them; empty takes all of them away."
          value={text}
          maxLength={1000}
          data-autofocus=""
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </Dialog>
    </>
  )
}
