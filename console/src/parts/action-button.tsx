import { Button, Modal, NumberInput, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { AdminRole } from '../../../src/admin/contract.ts'
import { useMay } from '../api/session.tsx'
import { type Change, useChange } from '../api/use-change.ts'

/** What somebody says before something is done. */
export interface Given {
  readonly reason: string
  readonly minutes: number
}

/** A button that asks first: what will happen, why, for how long. Not there for who may not. */
export function ActionButton(props: {
  readonly label: string
  /** What will happen, one sentence. */
  readonly says: string
  /** Operator unless written. */
  readonly needs?: AdminRole
  readonly danger?: boolean
  readonly withMinutes?: boolean
  readonly change: (given: Given) => Change
}): ReactNode {
  const may = useMay(props.needs ?? 'operator')
  const [open, setOpen] = useState(false)
  const [reason, setReason] = useState('')
  const [minutes, setMinutes] = useState(60)
  const change = useChange()
  if (!may) return null
  const close = (): void => {
    setOpen(false)
    setReason('')
  }
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>
        {props.label}
      </Button>
      <Modal opened={open} onClose={close} title={props.label} lockScroll={false} centered>
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            change.mutate(props.change({ reason, minutes }), { onSettled: close })
          }}
        >
          <p className="break">{props.says}</p>
          {props.withMinutes === true && (
            <NumberInput
              label="For how many minutes"
              value={minutes}
              min={1}
              max={525_600}
              allowDecimal={false}
              onChange={(value) => setMinutes(Number(value) || 60)}
            />
          )}
          <TextInput
            label="Why, for the record"
            value={reason}
            maxLength={200}
            required
            data-autofocus=""
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <div className="row">
            <Button
              type="submit"
              loading={change.isPending}
              {...(props.danger === true ? { color: 'danger.6' } : {})}
            >
              {props.label}
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
