import { useMediaQuery } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, type ReactNode, useEffect, useRef } from 'react'
import type { CallEvent } from '../api/shapes.ts'
import { hrefOf } from '../location.ts'
import { Empty } from '../parts/parts.tsx'
import { ago, clock, count, millis, moment } from '../words/format.ts'
import { hrefOfCaller } from '../words/why.ts'
import styles from './traffic.module.css'
import type { Calls } from './use-calls.ts'
import { Verdict } from './verdict.tsx'

const streamWords = { connecting: 'connecting', live: 'live', lost: 'connection lost, trying again' } as const
const heads = ['Time', 'Verdict', 'Call', 'Operation', 'Caller', 'Took'] as const

/** As many rows in the document as fit on the screen, however many calls there are. */
export function CallTable(props: { readonly calls: Calls; readonly filtered: boolean }): ReactNode {
  const { calls } = props
  const body = useRef<HTMLDivElement>(null)
  const narrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false })
  const { events, more } = calls
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => body.current,
    estimateSize: () => (narrow ? 62 : 38),
    overscan: 12,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows have another height now
  useEffect(() => virtual.measure(), [narrow])
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (events.length > 0 && last >= events.length - 50) more()
  }, [last, events.length, more])

  if (events.length === 0 && !calls.loading)
    return calls.error === undefined ? (
      <>
        <NothingYet filtered={props.filtered} />
        <div className={styles['foot']} data-bare="">
          <StreamNow state={calls.stream} />
        </div>
      </>
    ) : (
      <div role="alert">
        <Empty title="These calls cannot be shown">{calls.error}</Empty>
      </div>
    )

  return (
    <div className={styles['table']}>
      {/* biome-ignore-start lint/a11y/useSemanticElements: rows are placed by hand, which a table element does not allow */}
      {/* biome-ignore-start lint/a11y/useFocusableInteractive: a link in each row takes the focus */}
      <div role="table" aria-label="Calls" aria-rowcount={events.length + 1}>
        <div role="rowgroup">
          <div role="row" className={`${styles['grid']} ${styles['heads']}`} aria-rowindex={1}>
            {heads.map((name) => (
              <div role="columnheader" key={name}>
                {name}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={styles['body']} ref={body} onKeyDown={moveAmongRows} data-calls="">
          <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
            {items.map((item) => {
              const event = events[item.index]
              return event === undefined ? undefined : (
                <CallRow key={item.index} event={event} index={item.index} top={item.start} />
              )
            })}
          </div>
        </div>
      </div>
      {/* biome-ignore-end lint/a11y/useFocusableInteractive: see above */}
      {/* biome-ignore-end lint/a11y/useSemanticElements: see above */}
      <div className={styles['foot']}>
        <StreamNow state={calls.stream} />
        <span>
          {count(events.length)} calls{calls.ended ? '' : ', older ones as you scroll'}
        </span>
        {calls.missed > 0 && <span>{count(calls.missed)} not shown live: this page was slow</span>}
        {calls.error !== undefined && <span role="alert">{calls.error}</span>}
      </div>
    </div>
  )
}

function StreamNow({ state }: { readonly state: Calls['stream'] }): ReactNode {
  return (
    <span className={styles['live']} data-state={state} role="status">
      {streamWords[state]}
    </span>
  )
}

const CallRow = memo(function CallRow(props: {
  readonly event: CallEvent
  readonly index: number
  readonly top: number
}): ReactNode {
  const { event } = props
  const caller = event.sub === '' ? 'anonymous' : event.sub
  return (
    // biome-ignore-start lint/a11y/useSemanticElements: see above
    // biome-ignore-start lint/a11y/useFocusableInteractive: see above
    <div
      role="row"
      aria-rowindex={props.index + 2}
      className={`${styles['grid']} ${styles['call']}`}
      style={{ transform: `translateY(${props.top}px)` }}
    >
      <div role="cell" className="num dim small clip" title={`${moment(event.time)} (${ago(event.time)})`}>
        {clock(event.time)}
      </div>
      <div role="cell" className="clip">
        <Verdict event={event} />
      </div>
      <div role="cell" className="clip">
        <a className={styles['what']} href={hrefOf(['traffic', event.id])} data-row={props.index}>
          <span className={styles['method']}>{event.method}</span>
          <span className="clip mono">{event.path === '' ? pathless(event) : event.path}</span>
        </a>
      </div>
      <div role="cell" className="clip dim">
        {event.operation === '' ? '–' : event.operation}
      </div>
      <div role="cell" className="clip dim" title={caller}>
        {event.sub === '' ? (
          caller
        ) : (
          <a className={styles['caller']} href={hrefOfCaller(event)} tabIndex={-1}>
            {caller}
          </a>
        )}
      </div>
      <div role="cell" className="num dim small clip">
        {millis(event.duration)}
      </div>
    </div>
    // biome-ignore-end lint/a11y/useFocusableInteractive: see above
    // biome-ignore-end lint/a11y/useSemanticElements: see above
  )
})

/** What the gateway itself put on record has neither method nor path. */
function pathless({ method, operation, reason }: CallEvent): string {
  return method === '' ? (reason ?? operation) : '(no readable path)'
}

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }

/** Arrow keys (and j, k) go from call to call. */
function moveAmongRows(event: KeyboardEvent<HTMLDivElement>): void {
  const step = steps[event.key]
  if (step === undefined || !(event.target instanceof HTMLElement)) return
  const row = Number(event.target.dataset['row'])
  if (Number.isNaN(row)) return
  event.preventDefault()
  event.currentTarget.querySelector<HTMLElement>(`[data-row="${row + step}"]`)?.focus()
}

function NothingYet({ filtered }: { readonly filtered: boolean }): ReactNode {
  return filtered ? (
    <Empty title="No call fits this filter">
      Words are looked for in path, operation, caller, address, code and reason; names narrow it down: api,
      operation, sub, issuer, address, code, stage, status, id.
    </Empty>
  ) : (
    <Empty title="No call yet" code="curl -i http://127.0.0.1:8080/">
      Every call that reaches a listener appears here at once, refused or not. Send one:
    </Empty>
  )
}
