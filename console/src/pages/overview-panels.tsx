import { lazy, type ReactNode, Suspense } from 'react'
import type { OverviewReply, Percentiles } from '../../../src/admin/contract.ts'
import { hrefOf } from '../location.ts'
import { Empty, Panel, type Ranked, Ranks, Stat, Stats } from '../parts/parts.tsx'
import { ago, compact, count, millis, percent } from '../words/format.ts'
import styles from './overview.module.css'

const RateChart = lazy(() => import('./rate-chart.tsx').then(({ RateChart }) => ({ default: RateChart })))

interface Sums {
  readonly calls: number
  readonly denied: number
  readonly observed: number
}

function sumsOf({ buckets }: OverviewReply): Sums {
  let [calls, denied, observed] = [0, 0, 0]
  for (const bucket of buckets) {
    calls += bucket.allowed + bucket.denied
    denied += bucket.denied
    observed += bucket.observed
  }
  return { calls, denied, observed }
}

export function OverviewPanels({ overview }: { readonly overview: OverviewReply }): ReactNode {
  const sums = sumsOf(overview)
  const { latency, posture } = overview
  return (
    <div className="stack">
      <Numbers overview={overview} sums={sums} />
      <Panel title="Calls by verdict" aside={<Legend />}>
        {sums.calls === 0 ? (
          <Empty title="No call in this time" code="curl -i http://127.0.0.1:8080/">
            Calls show up here seconds after they reach a listener. Send one:
          </Empty>
        ) : (
          <div className={styles['chart']}>
            <Suspense fallback={null}>
              <RateChart overview={overview} />
            </Suspense>
          </div>
        )}
      </Panel>
      <div className={styles['columns']}>
        <Panel title="Refused, by stage">
          <RanksOr none="Nothing was refused." tone="denied" rows={refusals(overview)} />
        </Panel>
        <Panel title="Who calls most">
          <RanksOr none="Nobody yet." rows={callers(overview)} />
        </Panel>
        <Panel title="What is called most">
          <RanksOr none="No operation was reached." rows={operations(overview)} />
        </Panel>
      </div>
      <div className={styles['pair']}>
        <Panel title="Latency">
          <div className={styles['latency']}>
            <span />
            {['p50', 'p90', 'p99'].map((name) => (
              <span key={name} className="dim small">
                {name}
              </span>
            ))}
            <Latency name="The gateway itself" of={latency.gateway} />
            <Latency name="With the upstream" of={latency.total} />
          </div>
        </Panel>
        <Panel title="What is guarded" aside={<a href={hrefOf(['apis'])}>every operation</a>}>
          <div className={styles['split']} aria-hidden="true">
            <span style={{ flexGrow: posture.enforced }} />
            <span style={{ flexGrow: posture.observed }} />
            <span style={{ flexGrow: posture.missing }} />
          </div>
          <p>
            <strong>{count(posture.enforced)}</strong> places are guarded,{' '}
            <strong>{count(posture.observed)}</strong> only watched, <strong>{count(posture.missing)}</strong>{' '}
            open.
          </p>
        </Panel>
      </div>
      <p className="dim small">
        As of {ago(Date.parse(overview.at))}.
        {overview.partial && ' The gateway started after this time begins.'}
      </p>
    </div>
  )
}

function Numbers({ overview, sums }: { readonly overview: OverviewReply; readonly sums: Sums }): ReactNode {
  const { latency, posture, openFindings } = overview
  return (
    <Stats>
      <Stat label="Calls" value={compact(sums.calls)} note={rateOf(overview, sums.calls)} />
      <Stat
        label="Refused"
        value={compact(sums.denied)}
        note={sums.calls === 0 ? 'no call yet' : `${percent(sums.denied, sums.calls)} of all calls`}
        tone={sums.denied > 0 ? 'denied' : 'plain'}
      />
      <Stat label="Watched" value={compact(sums.observed)} note="passed, though a check objected" />
      <Stat
        label="Own time"
        value={latency.gateway === null ? '–' : millis(latency.gateway.p50)}
        note={
          latency.gateway === null
            ? 'no call yet'
            : `of the gateway, median; p99 ${millis(latency.gateway.p99)}`
        }
      />
      <Stat
        label="Open findings"
        value={count(openFindings)}
        note={<a href={hrefOf(['findings'])}>{openFindings === 0 ? 'nothing unusual' : 'look at them'}</a>}
      />
      <Stat
        label="Posture"
        value={`${Math.round(posture.score)} %`}
        note={
          <a href={hrefOf(['apis'])}>
            {posture.missing === 0 ? 'nothing is open' : `${count(posture.missing)} places open`}
          </a>
        }
      />
    </Stats>
  )
}

function RanksOr(props: {
  readonly rows: readonly Ranked[]
  readonly none: string
  readonly tone?: 'denied'
}): ReactNode {
  if (props.rows.length === 0) return <p className="dim">{props.none}</p>
  return <Ranks rows={props.rows} {...(props.tone === undefined ? {} : { tone: props.tone })} />
}

function refusals({ refusalsByStage }: OverviewReply): Ranked[] {
  return refusalsByStage.map((one) => ({
    key: one.stage,
    label: one.stage,
    value: one.count,
    shown: compact(one.count),
    href: hrefOf(['traffic'], { stage: one.stage, outcome: 'denied' }),
  }))
}

function callers({ topCallers }: OverviewReply): Ranked[] {
  return topCallers.map((one) => ({
    key: `${one.issuer} ${one.sub}`,
    label: one.sub === '' ? 'anonymous' : one.sub,
    value: one.calls,
    shown: counted(one.calls, one.denied),
    ...(one.sub === '' ? {} : { href: hrefOf(['principals', `${one.issuer}/${one.sub}`]) }),
  }))
}

function operations({ topOperations }: OverviewReply): Ranked[] {
  return topOperations.map((one) => ({
    key: `${one.api} ${one.operation}`,
    label: one.operation === '' ? 'none that is declared' : one.operation,
    value: one.calls,
    shown: counted(one.calls, one.denied),
    ...(one.operation === ''
      ? {}
      : { href: hrefOf(['traffic'], { api: one.api, operation: one.operation }) }),
  }))
}

function counted(calls: number, denied: number): ReactNode {
  return (
    <>
      {denied > 0 && <span className="dim small">{compact(denied)} refused · </span>}
      {compact(calls)}
    </>
  )
}

function rateOf({ windowSeconds }: OverviewReply, calls: number): string {
  const rate = calls / Math.max(1, windowSeconds)
  const round = (value: number): string => compact(Math.round(value * 10) / 10)
  return rate >= 1 ? `${round(rate)} a second` : `${round(rate * 60)} a minute`
}

function Latency({ name, of }: { readonly name: string; readonly of: Percentiles | null }): ReactNode {
  return (
    <>
      <span>{name}</span>
      {([of?.p50, of?.p90, of?.p99] as const).map((value, index) => (
        <strong key={['p50', 'p90', 'p99'][index]}>{value === undefined ? '–' : millis(value)}</strong>
      ))}
    </>
  )
}

function Legend(): ReactNode {
  return (
    <span className={styles['legend']}>
      <span className={styles['passed']}>passed</span>
      <span className={styles['watched']}>watched</span>
      <span className={styles['refused']}>refused</span>
    </span>
  )
}
