import { Button, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { NewAccountReply } from '../../../../src/admin/contract.ts'
import { useMay } from '../../api/session.tsx'
import { useChange } from '../../api/use-change.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { wordsIn } from './words-in.ts'

const empty = { email: '', name: '', roles: '' }

/** An account without a password, and the link that chooses one. */
export function NewAccount(): ReactNode {
  const may = useMay('administrator')
  const [open, setOpen] = useState(false)
  const [given, setGiven] = useState(empty)
  const [link, setLink] = useState<string>()
  const change = useChange<NewAccountReply>()
  if (!may) return null
  const { email, name, roles } = given
  return (
    <>
      <Button size="xs" onClick={() => setOpen(true)}>
        New account
      </Button>
      <Dialog
        open={open}
        title="New account"
        submit="Make it"
        busy={change.isPending}
        onClose={() => setOpen(false)}
        onSubmit={() =>
          change.mutate(
            {
              path: 'accounts',
              json: { email, roles: wordsIn(roles), ...(name === '' ? {} : { name }) },
              done: `${email} has an account.`,
            },
            {
              onSuccess: (made) => {
                setOpen(false)
                setGiven(empty)
                setLink(made.link)
              },
            },
          )
        }
      >
        <TextInput
          label="E-mail address"
          type="email"
          required
          maxLength={254}
          value={email}
          data-autofocus=""
          onChange={(event) => setGiven({ ...given, email: event.currentTarget.value })}
        />
        <TextInput
          label="Name"
          maxLength={128}
          value={name}
          onChange={(event) => setGiven({ ...given, name: event.currentTarget.value })}
        />
        <TextInput
          label="Roles"
          description="Words, with spaces between them: sallyport-operator, or roles of your APIs."
          maxLength={1000}
          value={roles}
          onChange={(event) => setGiven({ ...given, roles: event.currentTarget.value })}
        />
      </Dialog>
      <ShownOnce
        title="The link to a password"
        says="Whoever opens it chooses the password. It is good once; send it where nobody else reads."
        text={link}
        onClose={() => setLink(undefined)}
      />
    </>
  )
}
