import type { ReactNode } from 'react'
import type { EventReply } from '../../../src/admin/contract.ts'
import type { CallEvent } from '../api/shapes.ts'
import { useReply } from '../api/use-reply.ts'
import { hrefOf } from '../location.ts'
import { Time } from '../parts/time.tsx'
import { millis } from '../words/format.ts'
import styles from './call-lines.module.css'
import { Verdict } from './verdict.tsx'

/** A few calls, each a line that leads to its page. */
export function CallList({ events }: { readonly events: readonly CallEvent[] }): ReactNode {
  return (
    <ul className={styles['calls']}>
      {events.map((event) => (
        <li key={`${event.id} ${event.sequence}`}>
          <CallLine event={event} />
        </li>
      ))}
    </ul>
  )
}

/** The same by their ids, as far as they are stored. */
export function CallLines({ ids }: { readonly ids: readonly string[] }): ReactNode {
  if (ids.length === 0) return <p className={`${styles['none']} dim`}>None is stored.</p>
  return (
    <ul className={styles['calls']}>
      {ids.map((id) => (
        <li key={id}>
          <AskedLine id={id} />
        </li>
      ))}
    </ul>
  )
}

function AskedLine({ id }: { readonly id: string }): ReactNode {
  const { data } = useReply<EventReply>(`events/${encodeURIComponent(id)}`)
  if (data !== undefined) return <CallLine event={data} />
  return (
    <a className={styles['call']} href={hrefOf(['traffic', id])}>
      <span className="mono clip">{id}</span>
    </a>
  )
}

function CallLine({ event }: { readonly event: CallEvent }): ReactNode {
  return (
    <a className={styles['call']} href={hrefOf(['traffic', event.id])}>
      <span className={styles['verdict']}>
        <Verdict event={event} />
      </span>
      <span className={`${styles['what']} clip`}>
        <span className={styles['method']}>{event.method}</span>{' '}
        <span className="mono">{event.path === '' ? '(no readable path)' : event.path}</span>
      </span>
      <span className={`${styles['when']} num dim small`}>
        <Time at={event.time} /> · {millis(event.duration)}
      </span>
    </a>
  )
}
