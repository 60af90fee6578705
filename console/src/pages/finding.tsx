import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { FindingReply } from '../../../src/admin/contract.ts'
import { useReply } from '../api/use-reply.ts'
import { hrefOf } from '../location.ts'
import { Icon } from '../parts/icon.tsx'
import { Empty, Facts, PageHead, Panel } from '../parts/parts.tsx'
import { Reply } from '../parts/reply.tsx'
import { count, moment, sentence } from '../words/format.ts'
import { kindInWords } from '../words/kinds.ts'
import { CallLines } from './call-lines.tsx'
import { actionInWords, FindingActions } from './finding-actions.tsx'
import styles from './findings.module.css'
import { FindingState, Score } from './findings.tsx'

/** One finding: what it rests on, what was done about it, and what can be. */
export function FindingPage({ id }: { readonly id: string }): ReactNode {
  const reply = useReply<FindingReply>(`findings/${encodeURIComponent(id)}`, 15_000)
  return (
    <Reply
      of={reply}
      height={380}
      missing={
        <>
          <PageHead title="Finding" />
          <Empty title="No such finding">Findings are kept for a time; this one is over, or never was.</Empty>
        </>
      }
    >
      {(finding) => <Finding finding={finding} />}
    </Reply>
  )
}

function Finding({ finding }: { readonly finding: FindingReply }): ReactNode {
  return (
    <div className="stack">
      <PageHead
        title={<span className="break">{sentence(finding.summary)}</span>}
        says={
          <span className="row">
            <FindingState state={finding.state} /> {kindInWords(finding.kind)} · {moment(finding.time)}
          </span>
        }
      >
        <FindingActions finding={finding} />
        <Button
          component="a"
          size="xs"
          href={hrefOf(['findings'])}
          variant="default"
          leftSection={<Icon name="left" size={15} />}
        >
          Findings
        </Button>
      </PageHead>
      <div className={styles['columns']}>
        <div className="stack">
          <Panel title="What it rests on">
            <Facts
              rows={Object.entries(finding.evidence).map(([name, value]) => [
                inWords(name),
                typeof value === 'number' ? count(Math.round(value * 100) / 100) : value,
              ])}
            />
          </Panel>
          <Panel title="Its last calls" flush>
            <CallLines ids={finding.events} />
          </Panel>
        </div>
        <div className="stack">
          <Panel title="About whom">
            <Facts
              rows={[
                [inWords(finding.subject.kind), <SubjectLink key="s" subject={finding.subject} />],
                ['Score', <Score key="p" score={finding.score} />],
              ]}
            />
          </Panel>
          <Panel title="What was done">
            {finding.responses.length === 0 ? (
              <p className="dim">Nothing by anybody yet.</p>
            ) : (
              <ol className="stack" style={{ gap: 10, listStyle: 'none' }}>
                {finding.responses.map((one) => (
                  <li key={`${one.at} ${one.action}`} className="break">
                    <strong>{actionInWords(one.action)}</strong> by {one.by === '' ? 'the gateway' : one.by}
                    <br />
                    <span className="dim small">
                      {moment(Date.parse(one.at))}
                      {one.reason === '' ? '' : `: ${one.reason}`}
                    </span>
                  </li>
                ))}
              </ol>
            )}
          </Panel>
        </div>
      </div>
    </div>
  )
}

/** Calls of the one it is about, where calls can be found by it. */
function SubjectLink({ subject }: { readonly subject: FindingReply['subject'] }): ReactNode {
  if (subject.kind === 'address')
    return <a href={hrefOf(['traffic'], { address: subject.key })}>{subject.key}</a>
  if (subject.kind !== 'principal') return subject.key === '' ? '–' : subject.key
  return <a href={hrefOf(['principals', subject.key])}>{subject.key}</a>
}

/** `distinctObjects` → `Distinct objects` */
function inWords(name: string): string {
  const text = name
    .replace(/[-_]/g, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return sentence(text)
}
