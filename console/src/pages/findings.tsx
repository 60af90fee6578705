import { SegmentedControl } from '@mantine/core'
import type { ReactNode } from 'react'
import type { BlockReply, BlocksReply, FindingReply, FindingsReply } from '../../../src/admin/contract.ts'
import { useReply } from '../api/use-reply.ts'
import { hrefOf, navigate, usePlace } from '../location.ts'
import { Empty, PageHead, Panel, Pill, Rows, type Tone } from '../parts/parts.tsx'
import { Reply } from '../parts/reply.tsx'
import { Time } from '../parts/time.tsx'
import { sentence } from '../words/format.ts'
import { kindInWords } from '../words/kinds.ts'
import { BlockByHand } from './block-by-hand.tsx'
import { blockColumns } from './block-columns.tsx'
import styles from './findings.module.css'

const states = [
  { label: 'All', value: '' },
  { label: 'Open', value: 'open' },
  { label: 'Blocked', value: 'blocked' },
  { label: 'Seen to', value: 'acknowledged' },
]

/** What was noticed in the patterns of calls, and who is refused for it. */
export function FindingsPage(): ReactNode {
  const { query } = usePlace()
  const state = query.get('state') ?? ''
  const reply = useReply<FindingsReply>('findings?limit=500', 10_000)
  return (
    <div className="stack">
      <PageHead
        title="Findings"
        says="Patterns that no single call shows: enumeration, stuffing, sprays, exfiltration, planted instructions."
      >
        <SegmentedControl
          aria-label="State"
          value={state}
          onChange={(value) => navigate(hrefOf(['findings'], { state: value }))}
          data={states}
        />
      </PageHead>
      <Reply of={reply} height={300}>
        {({ findings }) => (
          <Timeline
            findings={findings.filter((one) => state === '' || one.state === state)}
            filtered={state !== ''}
          />
        )}
      </Reply>
      <Blocks />
    </div>
  )
}

const tones: Readonly<Record<FindingReply['state'], Tone>> = {
  open: 'denied',
  blocked: 'observed',
  acknowledged: 'plain',
  resolved: 'allowed',
}

export function FindingState({ state }: { readonly state: FindingReply['state'] }): ReactNode {
  return <Pill tone={tones[state]}>{state === 'acknowledged' ? 'seen to' : state}</Pill>
}

export function Score({ score }: { readonly score: number }): ReactNode {
  const percent = Math.round(Math.min(1, Math.max(0, score)) * 100)
  return (
    <span className="row small dim">
      <span className={styles['score']} aria-hidden="true">
        <span style={{ width: `${percent}%` }} />
      </span>
      score {percent} of 100
    </span>
  )
}

function Timeline(props: {
  readonly findings: readonly FindingReply[]
  readonly filtered: boolean
}): ReactNode {
  if (props.findings.length === 0)
    return props.filtered ? (
      <Empty title="None in this state">Look at all of them.</Empty>
    ) : (
      <Empty title="Nothing unusual so far" code="anomalies: { block: { endpoint-spray: 1h } }">
        The gateway learns what callers usually do and tells what is not like it. Whether it only tells, or
        also blocks, is a line of the policy:
      </Empty>
    )
  const days = Map.groupBy(props.findings, ({ time }) => new Date(time).toDateString())
  return (
    <div className={styles['days']}>
      {[...days].map(([day, findings]) => (
        <section key={day} className={styles['day']}>
          <h2>{day}</h2>
          <ol className={styles['line']}>
            {findings.map((finding) => (
              <li key={finding.id} className={styles['finding']} data-state={finding.state} data-finding="">
                <div className="row">
                  <FindingState state={finding.state} />
                  <span className="dim small">{kindInWords(finding.kind)}</span>
                  <span className="dim small num push">
                    <Time at={finding.time} />
                  </span>
                </div>
                <a className={styles['summary']} href={hrefOf(['findings', finding.id])}>
                  {sentence(finding.summary)}
                </a>
                <Score score={finding.score} />
              </li>
            ))}
          </ol>
        </section>
      ))}
    </div>
  )
}

function Blocks(): ReactNode {
  const reply = useReply<BlocksReply>('blocks', 10_000)
  return (
    <Panel title="Refused for a time" aside={<BlockByHand />} flush={(reply.data?.blocks.length ?? 0) > 0}>
      <Reply of={reply} height={60}>
        {({ blocks }) =>
          blocks.length === 0 ? (
            <p className="dim">Nobody is.</p>
          ) : (
            <Rows
              label="Blocks"
              rows={blocks}
              keyOf={({ id }) => id}
              columns={[{ name: 'Who', cell: ({ subject }) => <Who subject={subject} /> }, ...blockColumns]}
            />
          )
        }
      </Reply>
    </Panel>
  )
}

/** An address, a credential, or a caller with a page of its own. */
function Who({ subject: { kind, key } }: Pick<BlockReply, 'subject'>): ReactNode {
  return (
    <>
      <span className="dim">{kind}</span>{' '}
      {kind === 'principal' ? <a href={hrefOf(['principals', key])}>{key}</a> : key}
    </>
  )
}
