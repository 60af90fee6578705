import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { EventReply } from '../../../src/admin/contract.ts'
import type { WholeCall } from '../api/shapes.ts'
import { useReply } from '../api/use-reply.ts'
import { hrefOf } from '../location.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Icon } from '../parts/icon.tsx'
import { Code, Empty, Facts, PageHead, Panel } from '../parts/parts.tsx'
import { Reply } from '../parts/reply.tsx'
import { Time } from '../parts/time.tsx'
import { curlOf } from '../words/curl.ts'
import { bytes, millis, moment } from '../words/format.ts'
import { hrefOfCaller, watchedOf, whyRefused } from '../words/why.ts'
import styles from './call.module.css'
import { toneOf, Verdict } from './verdict.tsx'
import { Waterfall } from './waterfall.tsx'

/** One call: why it was refused, what each stage and check said, who called. */
export function CallPage({ id }: { readonly id: string }): ReactNode {
  const reply = useReply<EventReply>(`events/${encodeURIComponent(id)}`)
  return (
    <Reply
      of={reply}
      height={420}
      missing={
        <>
          <PageHead title="Call" />
          <Empty title="This call is not stored">
            It may be older than what is kept, or its id is not one of this gateway: {id}
          </Empty>
        </>
      }
    >
      {(event) => <Call event={withChecks(event)} />}
    </Reply>
  )
}

function Call({ event }: { readonly event: WholeCall }): ReactNode {
  const curl = curlOf(event)
  return (
    <div className="stack">
      <PageHead
        title={
          <span className="break">
            <span className="dim">{event.method}</span> <span className="mono">{event.path}</span>
          </span>
        }
        says={
          <span className="row">
            <Verdict event={event} /> {moment(event.time)} (<Time at={event.time} />) ·{' '}
            {millis(event.duration)}
          </span>
        }
      >
        <CopyButton text={curl}>Copy as curl</CopyButton>
        <Button
          component="a"
          href={hrefOf(['traffic'])}
          variant="default"
          leftSection={<Icon name="left" size={15} />}
        >
          Traffic
        </Button>
      </PageHead>
      <p className={`${styles['why']} break`} data-tone={toneOf(event)} data-why="">
        {sentenceOf(event)}
      </p>
      <div className={styles['columns']}>
        <Waterfall event={event} />
        <div className="stack">
          <Panel title="Caller">
            <Facts rows={callerRows(event)} />
          </Panel>
          <Panel title="Call">
            <Facts rows={callRows(event)} />
          </Panel>
          <Panel title="The same call again">
            <p className="dim small">Without its secrets: set GATE and what else is named with $ first.</p>
            <Code>{curl}</Code>
          </Panel>
        </div>
      </div>
    </div>
  )
}

function mono(text: string): ReactNode {
  return text === '' ? undefined : <span className="mono">{text}</span>
}

function link(href: string, text: string): ReactNode {
  return text === '' ? undefined : <a href={href}>{text}</a>
}

function calls(name: string, value: string): ReactNode {
  return link(hrefOf(['traffic'], { [name]: value }), value)
}

function callerRows(event: WholeCall): readonly (readonly [string, ReactNode])[] {
  return [
    ['Subject', event.sub === '' ? 'anonymous' : link(hrefOfCaller(event), event.sub)],
    [
      'Its calls',
      event.sub === '' ? undefined : link(hrefOf(['traffic'], { sub: event.sub }), 'all of them'),
    ],
    ['Issuer', event.issuer],
    ['Client', event.client],
    ['Address', calls('address', event.address)],
    ['Peer', event.peer === event.address ? undefined : event.peer],
    ['Credential', event.credentialKind],
    ['Its digest', mono(event.credential)],
  ]
}

function callRows(event: WholeCall): readonly (readonly [string, ReactNode])[] {
  const operation = hrefOf(['apis', event.api], { operation: event.operation })
  return [
    ['API', event.api],
    ['Operation', link(operation, event.operation) ?? 'none that is declared'],
    ['Objects', event.objects.map(({ type, id }) => `${type} ${id}`).join(', ')],
    ['Code', event.code === undefined ? undefined : calls('code', event.code)],
    ['Upstream said', event.upstreamStatus === undefined ? 'was not asked' : String(event.upstreamStatus)],
    ['In and out', `${bytes(event.bytesIn)} · ${bytes(event.bytesOut)}`],
    ['Protocol', `${event.protocol}${event.secure ? ', encrypted' : ', not encrypted'}`],
    ['Passed broken checks', event.failedOpen > 0 ? String(event.failedOpen) : undefined],
    ['Request id', mono(event.id)],
    ['Trace id', mono(event.traceId)],
    [
      'Findings',
      event.findings.length > 0 && (
        <span className="row">
          {event.findings.map((finding) => (
            <a key={finding} href={hrefOf(['findings', finding])}>
              {finding}
            </a>
          ))}
        </span>
      ),
    ],
  ]
}

function sentenceOf(event: WholeCall): string {
  const refused = whyRefused(event) ?? event.why
  if (refused !== null && refused !== undefined) return refused
  const watched = watchedOf(event)
  if (watched.length > 0) {
    const who =
      watched.length === 1 ? 'a check that only watches' : `${watched.length} checks that only watch`
    const what = watched.map(({ check, reason }) => (reason === undefined ? check : `${check} (${reason})`))
    return `It passed, but ${who} would have refused it: ${what.join('; ')}.`
  }
  return event.status >= 500
    ? `It passed every check; the upstream answered ${event.upstreamStatus ?? event.status}.`
    : 'It passed every check.'
}

/** A gateway of before sends notes only: they say the same, without times. */
function withChecks(event: Omit<EventReply, 'checks' | 'findings'> & Partial<EventReply>): WholeCall {
  return {
    ...event,
    findings: event.findings ?? [],
    checks:
      event.checks ??
      event.notes.map((note) => ({
        stage: note.stage,
        check: note.check,
        control: null,
        verdict: note.verdict,
        code: note.code ?? null,
        observed: note.observed,
        reason: note.reason ?? null,
        micros: null,
      })),
  }
}
