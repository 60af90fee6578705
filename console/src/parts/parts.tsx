import type { ReactNode } from 'react'
import styles from './parts.module.css'

export type Tone = 'plain' | 'allowed' | 'denied' | 'observed' | 'failed'

/** Title of a page, what it is for, and what can be done here. */
export function PageHead(props: {
  readonly title: ReactNode
  readonly says?: ReactNode
  readonly children?: ReactNode
}): ReactNode {
  return (
    <header className={styles['head']}>
      <div>
        <h1>{props.title}</h1>
        {props.says !== undefined && <p>{props.says}</p>}
      </div>
      {props.children !== undefined && <div className={styles['tools']}>{props.children}</div>}
    </header>
  )
}

export function Panel(props: {
  readonly title?: ReactNode
  readonly aside?: ReactNode
  /** The content reaches the edges. */
  readonly flush?: boolean
  readonly children: ReactNode
}): ReactNode {
  return (
    <section className={styles['panel']}>
      {props.title !== undefined && (
        <div className={styles['panelHead']}>
          <h2>{props.title}</h2>
          {props.aside !== undefined && <div className="push dim small">{props.aside}</div>}
        </div>
      )}
      <div className={props.flush === true ? styles['flush'] : styles['panelBody']}>{props.children}</div>
    </section>
  )
}

export function Stats({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className={styles['stats']}>{children}</dl>
}

export function Stat(props: {
  readonly label: string
  readonly value: ReactNode
  readonly note?: ReactNode
  readonly tone?: Tone
}): ReactNode {
  return (
    <div className={styles['stat']}>
      <dt>{props.label}</dt>
      <dd data-tone={props.tone}>
        {props.value}
        {props.note !== undefined && <div className={styles['note']}>{props.note}</div>}
      </dd>
    </div>
  )
}

export function Pill({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }): ReactNode {
  return (
    <span className={styles['pill']} data-tone={tone}>
      <span className="clip">{children}</span>
    </span>
  )
}

/** Nothing is here, why, and what would bring something. */
export function Empty(props: {
  readonly title: string
  readonly children: ReactNode
  /** What to write or to run. */
  readonly code?: string
}): ReactNode {
  return (
    <div className={styles['empty']}>
      <strong>{props.title}</strong>
      <p>{props.children}</p>
      {props.code !== undefined && <pre>{props.code}</pre>}
    </div>
  )
}

export function Code({ children }: { readonly children: string }): ReactNode {
  return <pre className={styles['code']}>{children}</pre>
}

/** Names and values; what is undefined or empty is left out. */
export function Facts({ rows }: { readonly rows: readonly (readonly [string, ReactNode])[] }): ReactNode {
  const shown = rows.filter(
    ([, value]) => value !== undefined && value !== '' && value !== null && value !== false,
  )
  return (
    <dl className={styles['facts']}>
      {shown.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

export interface Ranked {
  readonly key: string
  readonly label: ReactNode
  readonly value: number
  readonly shown: ReactNode
  readonly href?: string
}

/** Bars from the largest on, each a link to what it counts. */
export function Ranks(props: { readonly rows: readonly Ranked[]; readonly tone?: Tone }): ReactNode {
  const most = Math.max(1, ...props.rows.map(({ value }) => value))
  return (
    <ol className={styles['ranks']}>
      {props.rows.map((row) => {
        const inside = (
          <>
            <span
              className={styles['fill']}
              data-tone={props.tone}
              style={{ width: `${(row.value / most) * 100}%` }}
            />
            <span className="clip">{row.label}</span>
            <span className="num">{row.shown}</span>
          </>
        )
        return (
          <li key={row.key}>
            {row.href === undefined ? (
              <div className={styles['rank']}>{inside}</div>
            ) : (
              <a className={styles['rank']} href={row.href}>
                {inside}
              </a>
            )}
          </li>
        )
      })}
    </ol>
  )
}

export interface Column<Row> {
  readonly name: string
  readonly cell: (row: Row) => ReactNode
}

/** A table that becomes a list of cards where the screen is narrow. */
export function Rows<Row>(props: {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
}): ReactNode {
  return (
    <table className={`${styles['table']} ${styles['cards']}`} aria-label={props.label}>
      <thead>
        <tr>
          {props.columns.map(({ name }) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <tr key={props.keyOf(row)}>
            {props.columns.map(({ name, cell }) => (
              <td key={name} data-label={name}>
                <div className="break">{cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
