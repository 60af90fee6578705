import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type {
  DryRunReply,
  PolicyCheckReply,
  PolicyFinding,
  PolicyReply,
  PolicyVersion,
  PromotionReply,
} from '../../../src/admin/contract.ts'
import { ask, Refused } from '../api/ask.ts'
import { useReply } from '../api/use-reply.ts'
import { hrefOf } from '../location.ts'
import { ActionButton } from '../parts/action-button.tsx'
import { Empty, PageHead, Panel, Pill, Rows, type Tone } from '../parts/parts.tsx'
import { Reply } from '../parts/reply.tsx'
import { useSay } from '../parts/say.tsx'
import { moment } from '../words/format.ts'
import { lineDiff } from '../words/line-diff.ts'
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

function DryRun({ report }: { readonly report: DryRunReply }): ReactNode {
  if (report.calls === 0)
    return <Empty title="Nothing to judge">No call of the last 24 hours is on record.</Empty>
  const unknown = report.unknown.reduce((sum, { count }) => sum + count, 0)
  return (
    <>
      <p>
        {report.calls} calls: {report.same} decided as before,{' '}
        {report.changed.reduce((sum, { count }) => sum + count, 0)} otherwise, {unknown} cannot be told
        {unknown > 0 && ` (they need ${report.unknown.map(({ why }) => why).join('; ')})`}.
      </p>
      {report.changed.length > 0 && (
        <Rows
          label="Calls that would be decided otherwise"
          rows={report.changed}
          keyOf={(row) => `${row.api} ${row.operation} ${row.caller} ${row.before} ${row.after}`}
          columns={[
            { name: 'Operation', cell: ({ operation }) => <span className="mono">{operation}</span> },
            { name: 'Caller', cell: ({ caller }) => (caller === '' ? 'nobody' : caller) },
            { name: 'Was', cell: ({ before }) => <Verdict of={before} /> },
            { name: 'Would be', cell: ({ after }) => <Verdict of={after} /> },
            { name: 'Calls', cell: ({ count }) => <span className="num">{count}</span> },
            { name: 'Example', cell: ({ example }) => <a href={hrefOf(['traffic', example])}>look</a> },
          ]}
        />
      )}
    </>
  )
}

function Verdict({ of }: { readonly of: string }): ReactNode {
  return <Pill tone={of === 'pass' ? 'allowed' : 'denied'}>{of}</Pill>
}

function Diff({ before, after }: { readonly before: string; readonly after: string }): ReactNode {
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

function History({ current }: { readonly current: PolicyReply | undefined }): ReactNode {
  const history = useReply<{ readonly items: readonly PolicyVersion[] }>('policy/history')
  const [chosen, setChosen] = useState<number>()
  const version = useReply<{ readonly text: string }>(
    chosen === undefined ? undefined : `policy/history/${chosen}`,
  )
  return (
    <Panel title="History">
      <Reply of={history}>
        {({ items }) => (
          <div className="stack">
            <Rows
              label="Versions"
              rows={items}
              keyOf={(row) => String(row.version)}
              columns={[
                { name: 'Version', cell: (row) => <span className="num">{row.version}</span> },
                { name: 'When', cell: ({ at }) => moment(Date.parse(at)) },
                { name: 'By', cell: ({ by }) => (by === '' ? 'in the file' : by) },
                { name: 'What', cell: ({ note }) => note },
                {
                  name: 'Do',
                  cell: (row) =>
                    row.etag === current?.etag ? (
                      <Pill tone="plain">this one</Pill>
                    ) : (
                      <span className="row">
                        <Button
                          size="xs"
                          variant="default"
                          aria-expanded={chosen === row.version}
                          onClick={() => setChosen(chosen === row.version ? undefined : row.version)}
                        >
                          Compare
                        </Button>
                        {current !== undefined && (
                          <ActionButton
                            label="Go back to it"
                            needs="administrator"
                            says={`Version ${row.version} is put in the place of the file. The gateway reloads it.`}
                            change={() => ({
                              path: 'policy/rollback',
                              json: { version: row.version },
                              ifMatch: current.etag,
                              done: `Back to version ${row.version}.`,
                            })}
                          />
                        )}
                      </span>
                    ),
                },
              ]}
            />
            {version.data !== undefined && current !== undefined && (
              <Diff before={version.data.text} after={current.text} />
            )}
          </div>
        )}
      </Reply>
    </Panel>
  )
}

function Promotion(): ReactNode {
  const promotion = useReply<{ readonly items: readonly PromotionReply[] }>('policy/promotion')
  return (
    <Panel title="Only watching">
      <Reply of={promotion} height={60}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="dim">Every check that spoke in seven days enforces.</p>
          ) : (
            <Rows
              label="Checks that only watch"
              rows={items}
              keyOf={({ api, check }) => `${api} ${check}`}
              columns={[
                { name: 'API', cell: ({ api }) => api },
                { name: 'Check', cell: ({ check }) => <span className="mono">{check}</span> },
                {
                  name: 'Advice',
                  cell: ({ advice }) => (
                    <Pill tone={advice === 'enforce' ? 'allowed' : 'observed'}>{advice}</Pill>
                  ),
                },
                { name: 'Because', cell: ({ because }) => because },
                {
                  name: 'Look at',
                  cell: ({ operations }) =>
                    operations.map(({ operation, count, example }) => (
                      <div key={operation}>
                        <a href={hrefOf(['traffic', example])}>{operation}</a>{' '}
                        <span className="dim">{count}</span>
                      </div>
                    )),
                },
              ]}
            />
          )
        }
      </Reply>
    </Panel>
  )
}
