import type { ReactNode } from 'react'
import { lineDiff } from '../../words/line-diff.ts'
import styles from '../policy.module.css'

/** What changes, with two lines around it. */
export function Diff({ before, after }: { readonly before: string; readonly after: string }): ReactNode {
  const signs = { same: ' ', removed: '−', added: '+' } as const
  const near = lineDiff(before, after).map((line, at) => ({ ...line, at }))
  const shown = near.filter(({ at }) =>
    near.slice(Math.max(0, at - 2), at + 3).some(({ kind }) => kind !== 'same'),
  )
  return (
    <section className={styles['diff']} aria-label="What changes" tabIndex={-1}>
      {shown.map(({ at, kind, text }) => (
        <div key={at} data-kind={kind}>
          {signs[kind]} {text}
        </div>
      ))}
    </section>
  )
}
