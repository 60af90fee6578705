import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type {
  DryRunReply,
  PolicyCheckReply,
  PolicyFinding,
  PolicyReply,
} from '../../../src/admin/contract.ts'
import { ask, Refused } from '../api/ask.ts'
import { useReply } from '../api/use-reply.ts'
import { PageHead, Panel, Pill, type Tone } from '../parts/parts.tsx'
import { Reply } from '../parts/reply.tsx'
import { useSay } from '../parts/say.tsx'
import { Diff } from './policy/diff.tsx'
import { DryRun } from './policy/dry-run.tsx'
import { History } from './policy/history.tsx'
import { Promotion } from './policy/promotion.tsx'
import styles from './policy.module.css'

const severities: Readonly<Record<PolicyFinding['severity'], Tone>> = {
  error: 'failed',
  warning: 'observed',
  note: 'plain',
}

/** The configuration file: read, changed, tried on recorded calls before it is, taken back. */
export function PolicyPage(): ReactNode {
  const policy = useReply<PolicyReply>('policy')
  return (
    <div className="stack">
      <PageHead
        title="Policy"
        says="The configuration file. Try a change on the calls of the last 24 hours before it decides on the next."
      />
      <Promotion />
      <Reply of={policy} height={320}>
        {(current) => <Editor key={current.etag} current={current} />}
      </Reply>
      <History current={policy.data} />
    </div>
  )
}

function Editor({ current }: { readonly current: PolicyReply }): ReactNode {
  const [text, setText] = useState(current.text)
  const [note, setNote] = useState('')
  const client = useQueryClient()
  const say = useSay()
  const check = useMutation<PolicyCheckReply, Error>({
    mutationFn: () => ask('policy/check', { method: 'POST', json: { text } }),
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
      void client.invalidateQueries()
    },
    onError(error) {
      const isFaulty = error instanceof Refused && error.status === 422
      if (isFaulty) check.mutate()
      say(isFaulty ? 'Not saved: it has errors.' : wordsOf(error), 'failed')
    },
  })
  const changed = text !== current.text
  const findings = dryRun.data?.findings ?? check.data?.findings
  const lines = text.split('\n').length
  return (
    <Panel
      title={current.file}
      aside={current.inForce ? 'in force' : 'what is written here is not yet in force'}
    >
      <div className="stack">
        <div className={styles['editor']}>
          <div className={styles['numbers']} aria-hidden="true">
            {Array.from({ length: lines }, (_, n) => n + 1).join('\n')}
          </div>
          <textarea
            className={styles['text']}
            aria-label="Configuration"
            rows={lines}
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value)
              check.reset()
              dryRun.reset()
            }}
          />
        </div>
        <div className="row">
          <Button variant="default" loading={check.isPending} onClick={() => check.mutate()}>
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
          {findings !== undefined && <Findings findings={findings} />}
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

function Findings({ findings }: { readonly findings: readonly PolicyFinding[] }): ReactNode {
  if (findings.length === 0) return <p>No error, no open door.</p>
  return (
    <ul className={styles['findings']}>
      {findings.map((finding) => (
        <li key={`${finding.rule} ${finding.line} ${finding.message}`}>
          <Pill tone={severities[finding.severity]}>{finding.severity}</Pill>{' '}
          {finding.line !== null && <span className="mono dim">line {finding.line}: </span>}
          {finding.message}
          {finding.fix !== null && <div className="dim small">{finding.fix}</div>}
        </li>
      ))}
    </ul>
  )
}
