import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { CopyButton } from './copy-button.tsx'
import { Code } from './parts.tsx'

/** A secret that nobody can read again once this is closed. */
export function ShownOnce(props: {
  readonly title: string
  readonly says: ReactNode
  readonly text: string | undefined
  readonly onClose: () => void
}): ReactNode {
  return (
    <Modal
      opened={props.text !== undefined}
      onClose={props.onClose}
      title={props.title}
      closeOnClickOutside={false}
      lockScroll={false}
      centered
    >
      <div className="stack" data-once="">
        <p>{props.says}</p>
        <Code>{props.text ?? ''}</Code>
        <div>
          <CopyButton text={props.text ?? ''}>Copy</CopyButton>
        </div>
      </div>
    </Modal>
  )
}
