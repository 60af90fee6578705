import { Button, Modal, NativeSelect, NumberInput, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { BlockRequest } from '../../../src/admin/contract.ts'
import { useMay } from '../api/session.tsx'
import { useChange } from '../api/use-change.ts'

const kinds: readonly {
  readonly value: BlockRequest['kind']
  readonly label: string
  readonly like: string
}[] = [
  { value: 'address', label: 'An address', like: '203.0.113.7' },
  { value: 'subject', label: 'A caller', like: 'issuer/subject' },
  { value: 'credential', label: 'A credential', like: 'its digest, as calls show it' },
]
const empty: BlockRequest = { kind: 'address', value: '', minutes: 60, reason: '' }

/** Refuses somebody for a time, without a finding. */
export function BlockByHand(): ReactNode {
  const may = useMay('operator')
  const [open, setOpen] = useState(false)
  const [request, setRequest] = useState(empty)
  const change = useChange()
  if (!may) return null
  const close = (): void => {
    setOpen(false)
    setRequest(empty)
  }
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>
        Block somebody
      </Button>
      <Modal opened={open} onClose={close} title="Block somebody" lockScroll={false} centered>
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            const { value, minutes } = request
            change.mutate(
              { path: 'blocks', json: request, done: `${value} is refused for ${minutes} minutes.` },
              { onSuccess: close },
            )
          }}
        >
          <NativeSelect
            label="What"
            value={request.kind}
            data={kinds.map(({ value, label }) => ({ value, label }))}
            onChange={({ currentTarget: { value } }) =>
              setRequest({ ...request, kind: kinds.find((one) => one.value === value)?.value ?? 'address' })
            }
          />
          <TextInput
            label="Which"
            required
            maxLength={512}
            placeholder={kinds.find(({ value }) => value === request.kind)?.like}
            value={request.value}
            onChange={({ currentTarget: { value } }) => setRequest({ ...request, value })}
          />
          <NumberInput
            label="For how many minutes"
            min={1}
            max={525_600}
            allowDecimal={false}
            value={request.minutes}
            onChange={(value) => setRequest({ ...request, minutes: Number(value) || 60 })}
          />
          <TextInput
            label="Why, for the record"
            required
            maxLength={200}
            value={request.reason}
            onChange={({ currentTarget: { value } }) => setRequest({ ...request, reason: value })}
          />
          <div className="row">
            <Button type="submit" color="danger.6" loading={change.isPending}>
              Block
            </Button>
            <Button variant="default" onClick={close}>
              Leave it
            </Button>
          </div>
        </form>
      </Modal>
    </>
  )
}
