import { type ReactNode, useState } from 'react'
import type { ContractReply } from '../../../src/admin/contract.ts'
import { useReply } from '../api/use-reply.ts'
import { Empty } from '../parts/parts.tsx'
import { Reply } from '../parts/reply.tsx'
import styles from './apis.module.css'

/** The OpenAPI document as it was read; what is closed is not in the page. */
export function ContractView({ name }: { readonly name: string }): ReactNode {
  const reply = useReply<ContractReply>(`apis/${encodeURIComponent(name)}/contract`)
  return (
    <Reply
      of={reply}
      height={300}
      missing={<Empty title="No contract">This API has none that could be shown.</Empty>}
    >
      {({ file, document }) => (
        <>
          <p className="dim small mono break">{file}</p>
          <div className={styles['tree']}>
            {isBranch(document) ? (
              Object.entries(document).map(([key, value]) => (
                <Node key={key} name={key} value={value} open={key === 'info' || key === 'paths'} />
              ))
            ) : (
              <span>{String(document)}</span>
            )}
          </div>
        </>
      )}
    </Reply>
  )
}

function Node(props: { readonly name: string; readonly value: unknown; readonly open?: boolean }): ReactNode {
  const { name, value } = props
  const [open, setOpen] = useState(props.open === true)
  if (!isBranch(value))
    return (
      <div className={styles['leaf']}>
        <span className={styles['key']}>{name}</span>:{' '}
        {typeof value === 'string' ? value : JSON.stringify(value)}
      </div>
    )
  const entries = Object.entries(value)
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className={styles['key']}>{name}</span>{' '}
        <span className="dim">{Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`}</span>
      </summary>
      {open && entries.map(([key, inner]) => <Node key={key} name={key} value={inner} />)}
    </details>
  )
}

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
