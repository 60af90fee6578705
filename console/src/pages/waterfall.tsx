import { Switch } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { CheckReply } from '../../../src/admin/contract.ts'
import type { CallEvent, WholeCall } from '../api/shapes.ts'
import { Panel, Pill, type Tone } from '../parts/parts.tsx'
import { micros } from '../words/format.ts'
import { stageOfCode, stages } from '../words/stages.ts'
import styles from './call.module.css'

interface Step {
  readonly name: string
  readonly asks: string
  /** Microseconds; undefined where the call never came here. */
  readonly took: number | undefined
  /** When it began, on the scale that is shown. */
  readonly from: number
  readonly checks: readonly CheckReply[]
  readonly ended: boolean
}

/** The eight stages one below the other, each as long as it took, with what its checks said. */
export function Waterfall({ event }: { readonly event: WholeCall }): ReactNode {
  const upstream = timeOf(event, 'forward') ?? 0
  const all = event.stages.reduce((sum, [, took]) => sum + took, 0)
  const [own, setOwn] = useState(upstream > all * 0.8)
  const shown = Math.max(1, own ? all - upstream : all)
  return (
    <Panel
      title="Eight stages"
      flush
      aside={
        upstream > 0 && (
          <Switch
            size="xs"
            label="Without the upstream's time"
            checked={own}
            onChange={(change) => setOwn(change.currentTarget.checked)}
          />
        )
      }
    >
      <ol className={styles['stages']} aria-label="Stages of this call">
        {stepsOf(event, own).map((step) => (
          <StageRow key={step.name} step={step} all={shown} hidden={own && step.name === 'forward'} />
        ))}
      </ol>
    </Panel>
  )
}

function StageRow(props: { readonly step: Step; readonly all: number; readonly hidden: boolean }): ReactNode {
  const { step } = props
  const took = step.took ?? 0
  const tone = step.ended ? 'denied' : step.name === 'forward' ? 'forward' : undefined
  const style = {
    left: `${Math.min(99, (step.from / props.all) * 100)}%`,
    width: `${(took / props.all) * 100}%`,
  }
  return (
    <li
      className={styles['stage']}
      data-reached={step.took !== undefined}
      data-end={step.ended}
      data-stage={step.name}
    >
      <div className={styles['line']}>
        <span className={styles['name']} title={step.asks}>
          {step.name}
        </span>
        {step.took === undefined ? (
          <span className={styles['asks']}>not reached</span>
        ) : (
          <span className={styles['track']}>
            {!props.hidden && <span className={styles['span']} data-tone={tone} style={style} />}
          </span>
        )}
        <span className={styles['took']}>{step.took === undefined ? '' : micros(step.took)}</span>
      </div>
      {step.checks.length > 0 && (
        <ul className={styles['checks']} aria-label={`Checks of ${step.name}`}>
          {step.checks.map((check, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a check may speak twice, and the order never changes
            <Check key={index} check={check} />
          ))}
        </ul>
      )}
    </li>
  )
}

const words: Readonly<Record<CheckReply['verdict'], string>> = {
  allow: 'allow',
  deny: 'deny',
  abstain: 'no opinion',
}

function toneOfCheck({ verdict, observed }: CheckReply): Tone {
  if (verdict === 'deny') return observed ? 'observed' : 'denied'
  return verdict === 'allow' ? 'allowed' : 'plain'
}

function Check({ check }: { readonly check: CheckReply }): ReactNode {
  const said = [check.code, check.reason].filter((one) => one !== null && one !== '').join(': ')
  return (
    <li className={styles['check']}>
      <span className="mono break">
        {check.check}
        {check.micros !== null && <span className="dim"> · {micros(check.micros)}</span>}
      </span>
      <Pill tone={toneOfCheck(check)}>
        {check.verdict === 'deny' && check.observed ? 'would refuse' : words[check.verdict]}
      </Pill>
      {said !== '' && <span className="break">{said}</span>}
    </li>
  )
}

function stepsOf(event: WholeCall, own: boolean): readonly Step[] {
  const ended = event.code === undefined ? undefined : stageOfCode(event.code)
  const beside = event.stages.map(([name]) => name).filter((name) => stages.every((one) => one.name !== name))
  let from = 0
  return [...stages, ...[...new Set(beside)].map((name) => ({ name, asks: '' }))].map(({ name, asks }) => {
    const took = timeOf(event, name)
    const checks = event.checks.filter((check) => check.stage === name)
    const step: Step = { name, asks, took, from, checks, ended: ended === name }
    from += own && name === 'forward' ? 0 : (took ?? 0)
    return step
  })
}

function timeOf(event: CallEvent, stage: string): number | undefined {
  const times = event.stages.filter(([name]) => name === stage)
  if (times.length > 0) return times.reduce((sum, [, took]) => sum + took, 0)
  return event.notes.some((note) => note.stage === stage) ? 0 : undefined
}
