import { Button, NumberInput, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { KeyRequest, NewKeyReply } from '../../../../src/admin/contract.ts'
import { useMay } from '../../api/session.tsx'
import { useChange } from '../../api/use-change.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { wordsIn } from './words-in.ts'

const dayMs = 86_400_000
const empty = { name: '', owner: '', scopes: '', roles: '', days: 90 }

/** A key for a program; its text is shown this once. */
export function NewKey(): ReactNode {
  const may = useMay('administrator')
  const [open, setOpen] = useState(false)
  const [given, setGiven] = useState(empty)
  const [text, setText] = useState<string>()
  const change = useChange<NewKeyReply>()
  if (!may) return null
  const field = (name: 'name' | 'owner' | 'scopes' | 'roles', label: string, like: string): ReactNode => (
    <TextInput
      label={label}
      placeholder={like}
      required={name === 'name' || name === 'owner'}
      maxLength={name === 'name' || name === 'owner' ? 128 : 1000}
      value={given[name]}
      {...(name === 'name' ? { 'data-autofocus': '' } : {})}
      onChange={(event) => setGiven({ ...given, [name]: event.currentTarget.value })}
    />
  )
  return (
    <>
      <Button size="xs" onClick={() => setOpen(true)}>
        New key
      </Button>
      <Dialog
        open={open}
        title="New API key"
        submit="Make it"
        busy={change.isPending}
        onClose={() => setOpen(false)}
        onSubmit={() => {
          const { name, owner, scopes, roles, days } = given
          const json: KeyRequest = {
            name,
            owner,
            scopes: wordsIn(scopes),
            roles: wordsIn(roles),
            ...(days > 0 ? { expires: new Date(Date.now() + days * dayMs).toISOString() } : {}),
          }
          change.mutate(
            { path: 'keys', json, done: `${name} has a key.` },
            {
              onSuccess: (made) => {
                setOpen(false)
                setGiven(empty)
                setText(made.text)
              },
            },
          )
        }}
      >
        {field('name', 'Name', 'importer')}
        {field('owner', 'Owner', 'team-data')}
        {field('scopes', 'Scopes', 'bookings:read search')}
        {field('roles', 'Roles', '')}
        <NumberInput
          label="Days that it works"
          description="0: without an end."
          min={0}
          max={3650}
          allowDecimal={false}
          value={given.days}
          onChange={(value) => setGiven({ ...given, days: Number(value) || 0 })}
        />
      </Dialog>
      <ShownOnce
        title="The key"
        says="Nobody can read it again once this is closed: the gateway keeps a digest alone."
        text={text}
        onClose={() => setText(undefined)}
      />
    </>
  )
}
