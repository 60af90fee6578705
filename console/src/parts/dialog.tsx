import { Button, Modal } from '@mantine/core'
import type { ReactNode } from 'react'

/** A form in a dialog; `submit` is the name of its button. */
export function Dialog(props: {
  readonly open: boolean
  readonly title: string
  readonly submit: string
  readonly danger?: boolean
  readonly busy: boolean
  readonly onClose: () => void
  readonly onSubmit: () => void
  readonly children: ReactNode
}): ReactNode {
  return (
    <Modal opened={props.open} onClose={props.onClose} title={props.title} lockScroll={false} centered>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          props.onSubmit()
        }}
      >
        {props.children}
        <div className="row">
          <Button
            type="submit"
            loading={props.busy}
            {...(props.danger === true ? { color: 'danger.6' } : {})}
          >
            {props.submit}
          </Button>
          <Button variant="default" onClick={props.onClose}>
            Leave it
          </Button>
        </div>
      </form>
    </Modal>
  )
}
