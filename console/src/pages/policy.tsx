import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import type {
  DryRunReply,
  PolicyCheckReply,
  PolicyFinding,
  PolicyReply,
} from '../../../src/admin/contract.ts'
import { ask, Refused } from '../api/ask.ts'
import { useMay } from '../api/session.tsx'
import { useReply } from '../api/use-reply.ts'
import { PageHead, Panel, Pill, type Tone } from '../parts/parts.tsx'
import { Reply } from '../parts/reply.tsx'
import { useSay } from '../parts/say.tsx'
import { controlOfCheck, enforced } from '../words/enforce.ts'
import { Diff } from './policy/diff.tsx'
import { DryRun } from './policy/dry-run.tsx'
import { History } from './policy/history.tsx'
import { PolicyText } from './policy/policy-text.tsx'
import { Promotion } from './policy/promotion.tsx'
import styles from './policy.module.css'

const severities: Readonly<Record<PolicyFinding['severity'], Tone>> = {
  error: 'failed',
  warning: 'observed',
  note: 'plain',
}

const restMs = 500

/** The configuration file: read, changed, tried on recorded calls before it is, taken back. */
export function PolicyPage(): ReactNode {
  const policy = useReply<PolicyReply>('policy')
  const may = useMay('administrator')
  const say = useSay()
  const [wish, setWish] = useState<Wish>()
  const { data } = policy
  const enforce = (api: string, check: string): void => {
    const text = data === undefined ? undefined : enforced(data.text, api, check)
    if (text !== undefined) setWish({ text, note: `${check} of ${api} enforces`, at: Date.now() })
    else say(`Write it under apis, ${api}: controls: { ${controlOfCheck(check)}: enforce }`, 'failed')
  }
  return (
    <div className="stack">
      <PageHead
        title="Policy"
        says="The configuration file. Try a change on the calls of the last 24 hours before it decides on the next."
      />
      <Promotion enforce={may && data !== undefined ? enforce : undefined} />
      <Reply of={policy} height={320}>
        {(current) => (
          <Editor
            key={`${current.etag} ${wish?.at ?? ''}`}
            current={current}
            wish={wish}
            saved={() => setWish(undefined)}
          />
        )}
      </Reply>
      <History current={policy.data} />
    </div>
  )
}

/** A text that somebody asked for elsewhere on the page, to look at and to save. */
interface Wish {
  readonly text: string
  readonly note: string
  readonly at: number
}

function Editor(props: {
  readonly current: PolicyReply
  readonly wish: Wish | undefined
  readonly saved: () => void
}): ReactNode {
  const { current, wish } = props
  const [text, setText] = useState(wish?.text ?? current.text)
  const [note, setNote] = useState(wish?.note ?? '')
  const [goTo, setGoTo] = useState<{ readonly line: number; readonly at: number }>()
  const client = useQueryClient()
  const say = useSay()
  const check = useMutation<PolicyCheckReply, Error, string>({
    mutationFn: (written) => ask('policy/check', { method: 'POST', json: { text: written } }),
    onError: (error) => say(error.message, 'failed'),
  })
  const dryRun = useMutation<DryRunReply, Error>({
    mutationFn: () => ask('policy/dry-run', { method: 'POST', json: { text } }),
    onError: (error) => say(error.message, 'failed'),
  })
  const save = useMutation<PolicyReply, Error>({
    mutationFn: () => ask('policy', { method: 'PUT', json: { text, note }, ifMatch: current.etag }),
    onSuccess: () => {
      say('Saved. The gateway reloads it by itself.')
      props.saved()
      void client.invalidateQueries()
    },
    onError(error) {
      const isFaulty = error instanceof Refused && error.status === 422
      if (isFaulty) check.mutate(text)
      say(isFaulty ? 'Not saved: it has errors.' : wordsOf(error), 'failed')
    },
  })
  const changed = text !== current.text
  const findings = once(dryRun.data?.findings ?? check.data?.findings)
  const isHere = ({ file }: PolicyFinding): boolean => file === null || baseOf(file) === baseOf(current.file)
  const { mutate: checkNow, reset: forget } = check
  // What is typed is checked as soon as the typing rests; what is written there, once.
  useEffect(() => {
    forget()
    const timer = setTimeout(() => checkNow(text), text === current.text ? 0 : restMs)
    return () => clearTimeout(timer)
  }, [text, current.text, checkNow, forget])
  return (
    <Panel
      title={<span title={current.file}>{baseOf(current.file)}</span>}
      aside={current.inForce ? 'in force' : 'what is written here is not yet in force'}
    >
      <div className="stack">
        <PolicyText
          text={text}
          findings={(findings ?? []).filter(isHere)}
          goTo={goTo}
          onChange={(next) => {
            setText(next)
            dryRun.reset()
          }}
        />
        <div className="row">
          <Button variant="default" loading={check.isPending} onClick={() => check.mutate(text)}>
            Check
          </Button>
          <Button variant="default" loading={dryRun.isPending} onClick={() => dryRun.mutate()}>
            Try on recorded calls
          </Button>
          {changed && (
            <>
              <TextInput
                aria-label="What changes, for the history"
                placeholder="What changes, for the history"
                value={note}
                maxLength={200}
                onChange={(event) => setNote(event.currentTarget.value)}
              />
              <Button loading={save.isPending} onClick={() => save.mutate()}>
                Save
              </Button>
              <Button variant="default" onClick={() => setText(current.text)}>
                Take back
              </Button>
            </>
          )}
        </div>
        <div aria-live="polite" className="stack">
          {findings !== undefined && (
            <Findings
              findings={findings}
              isHere={isHere}
              goTo={(line) => setGoTo({ line, at: Date.now() })}
            />
          )}
          {dryRun.data !== undefined && <DryRun report={dryRun.data} />}
          {changed && <Diff before={current.text} after={text} />}
        </div>
      </div>
    </Panel>
  )
}

function wordsOf(error: Error): string {
  if (error instanceof Refused && error.status === 412)
    return 'Somebody changed the file meanwhile; reload this page to see it.'
  if (error instanceof Refused && error.status === 409) return 'The gateway may not write its file.'
  return error.message
}

function Findings(props: {
  readonly findings: readonly PolicyFinding[]
  /** Whether it is about this very file: a contract has lines, too. */
  readonly isHere: (finding: PolicyFinding) => boolean
  readonly goTo: (line: number) => void
}): ReactNode {
  if (props.findings.length === 0) return <p className="dim">No error, no open door.</p>
  return (
    <ul className={styles['findings']}>
      {props.findings.map((finding) => {
        const { rule, line, message, severity, fix } = finding
        return (
          <li key={`${rule} ${line} ${message}`}>
            <Pill tone={severities[severity]}>{severity}</Pill>
            <div className="break">
              {line !== null && !props.isHere(finding) && (
                <span className="mono dim">
                  {baseOf(finding.file ?? '')}:{line}
                </span>
              )}
              {line !== null && props.isHere(finding) && (
                <button type="button" className={styles['line']} onClick={() => props.goTo(line)}>
                  line {line}
                </button>
              )}{' '}
              {message}
              {fix !== null && <div className="dim small">{fix}</div>}
            </div>
          </li>
        )
      })}
    </ul>
  )
}

function baseOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1)
}

/** What is said twice, by two looks at the same file, stands there once. */
function once(findings: readonly PolicyFinding[] | undefined): readonly PolicyFinding[] | undefined {
  return (
    findings && [
      ...new Map(findings.map((one) => [`${one.rule} ${one.file} ${one.line} ${one.message}`, one])).values(),
    ]
  )
}
