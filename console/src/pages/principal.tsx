import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { AccountReply, BlockReply, FindingReply, PrincipalReply } from '../../../src/admin/contract.ts'
import { useReply } from '../api/use-reply.ts'
import { hrefOf } from '../location.ts'
import { ActionButton } from '../parts/action-button.tsx'
import { Empty, Facts, PageHead, Panel, Ranks, Rows, Stat, Stats } from '../parts/parts.tsx'
import { Reply } from '../parts/reply.tsx'
import { Time } from '../parts/time.tsx'
import { compact, count, percent, sentence } from '../words/format.ts'
import { blockColumns } from './block-columns.tsx'
import { CallList } from './call-lines.tsx'
import { FindingActions } from './finding-actions.tsx'
import styles from './findings.module.css'
import { FindingState } from './findings.tsx'
import { AccountActions } from './identities/account-actions.tsx'
import { SessionsList } from './identities/sessions-list.tsx'

/** One caller: what it did, what it touched, what was noticed about it, and what can be done. */
export function PrincipalPage({ id }: { readonly id: string }): ReactNode {
  const reply = useReply<PrincipalReply>(`principals/${encodeURIComponent(id)}`, 15_000)
  return (
    <Reply
      of={reply}
      height={420}
      missing={
        <>
          <PageHead title={<span className="break">{id}</span>} />
          <Empty title="Nothing is known of it">
            No call of this caller is stored, nothing was noticed about it, and it has no account here.
          </Empty>
        </>
      }
    >
      {(principal) => <Principal principal={principal} />}
    </Reply>
  )
}

function Principal({ principal }: { readonly principal: PrincipalReply }): ReactNode {
  const { sub, recent, findings, blocks, account } = principal
  // What the gateway itself put on record about it is no call.
  const events = principal.events.filter(({ method }) => method !== '')
  const issuer = principal.issuer ?? events[0]?.issuer ?? null
  const key = issuer === null ? sub : `${issuer}/${sub}`
  return (
    <div className="stack">
      <PageHead
        title={<span className="break">{account?.email ?? sub}</span>}
        says={
          <span className="break">
            {issuer === null ? 'A caller' : `A caller that ${issuer} vouches for`}
            {account !== null && `, ${sub}`}
          </span>
        }
      >
        <ActionButton
          label="Block"
          danger
          withMinutes
          says={`Every call of ${key} is refused for a time.`}
          change={({ reason, minutes }) => ({
            path: 'blocks',
            json: { kind: 'subject', value: key, minutes, reason },
            done: `${key} is refused for ${minutes} minutes.`,
          })}
        />
        <ActionButton
          label="Revoke"
          danger
          says={`All that was issued to ${key} until now stops working. After signing in anew it may call again.`}
          change={({ reason }) => ({
            path: 'revocations',
            json: { subject: sub, reason, ...(issuer === null ? {} : { issuer }) },
            done: `Revoked: ${key}.`,
          })}
        />
        <Button component="a" size="xs" variant="default" href={hrefOf(['traffic'], { sub })}>
          All its calls
        </Button>
      </PageHead>
      {blocks.length > 0 && <Blocked blocks={blocks} />}
      <Stats>
        <Stat
          label="Calls"
          value={compact(recent.calls)}
          note={
            recent.since === null ? (
              'none is stored'
            ) : (
              <>
                since <Time at={Date.parse(recent.since)} />
              </>
            )
          }
        />
        <Stat
          label="Refused"
          value={compact(recent.denied)}
          note={`${percent(recent.denied, recent.calls)} of them`}
          tone={recent.denied > 0 ? 'denied' : 'plain'}
        />
        <Stat label="Objects" value={count(recent.objects)} note="different ones that it named" />
        <Stat label="Findings" value={count(findings.length)} note="that are about it" />
        <Stat
          label="Last seen"
          value={principal.lastSeen === null ? '–' : <Time at={Date.parse(principal.lastSeen)} />}
        />
      </Stats>
      <div className={styles['columns']}>
        <div className="stack">
          {findings.length > 0 && <ItsFindings findings={findings} />}
          <Panel title="Its last calls" flush>
            {events.length === 0 ? (
              <Empty title="No call is stored">What it does from now on shows up here.</Empty>
            ) : (
              <CallList events={events} />
            )}
          </Panel>
        </div>
        <div className="stack">
          <Panel title="Operations">
            <Ranks
              rows={recent.operations
                .filter(({ api }) => api !== 'sallyport')
                .map((one) => ({
                  key: `${one.api} ${one.operation}`,
                  label: one.operation === '' ? 'none that is declared' : one.operation,
                  value: one.calls,
                  shown:
                    one.denied > 0
                      ? `${compact(one.denied)} refused · ${compact(one.calls)}`
                      : compact(one.calls),
                  href: hrefOf(['traffic'], { sub, api: one.api, operation: one.operation }),
                }))}
            />
          </Panel>
          <Panel title="Objects that it touched">
            <Objects principal={principal} />
          </Panel>
          <Panel title="Comes from">
            <Facts
              rows={[
                ['Addresses', <Addresses key="a" addresses={recent.addresses} />],
                ['Clients', recent.clients.join(', ')],
              ]}
            />
          </Panel>
        </div>
      </div>
      {account !== null && <Account account={account} />}
    </div>
  )
}

function Blocked({ blocks }: { readonly blocks: readonly BlockReply[] }): ReactNode {
  return (
    <Panel title="Refused for a time" flush>
      <Rows label="Blocks" rows={blocks} keyOf={({ id }) => id} columns={blockColumns} />
    </Panel>
  )
}

function ItsFindings({ findings }: { readonly findings: readonly FindingReply[] }): ReactNode {
  return (
    <Panel title="Findings about it" flush>
      <Rows
        label="Findings"
        rows={findings}
        keyOf={({ id }) => id}
        columns={[
          { name: 'What', cell: (one) => <a href={hrefOf(['findings', one.id])}>{sentence(one.summary)}</a> },
          { name: 'State', cell: ({ state }) => <FindingState state={state} /> },
          { name: 'When', cell: ({ time }) => <Time at={time} /> },
          {
            name: 'Do',
            cell: (one) => (
              <span className="row">
                <FindingActions finding={one} />
              </span>
            ),
          },
        ]}
      />
    </Panel>
  )
}

function Objects({ principal: { events, recent } }: { readonly principal: PrincipalReply }): ReactNode {
  const seen = new Map<string, number>()
  for (const { objects } of events)
    for (const { type, id } of objects) seen.set(`${type} ${id}`, (seen.get(`${type} ${id}`) ?? 0) + 1)
  const shown = [...seen].sort((a, b) => b[1] - a[1]).slice(0, 12)
  if (shown.length === 0) return <p className="dim">Its last calls named none.</p>
  return (
    <>
      <Ranks rows={shown.map(([key, calls]) => ({ key, label: key, value: calls, shown: compact(calls) }))} />
      {recent.objects > shown.length && (
        <p className="dim small">and {count(recent.objects - shown.length)} more</p>
      )}
    </>
  )
}

function Addresses({ addresses }: { readonly addresses: readonly string[] }): ReactNode {
  return (
    <span className="row">
      {addresses
        .filter((address) => address !== '')
        .map((address) => (
          <a key={address} href={hrefOf(['traffic'], { address })}>
            {address}
          </a>
        ))}
    </span>
  )
}

function Account({ account }: { readonly account: AccountReply }): ReactNode {
  return (
    <>
      <Panel title="Its account" aside={<AccountActions account={account} />}>
        <Facts
          rows={[
            ['E-mail', account.email],
            ['Name', account.name],
            ['Roles', account.roles.join(', ')],
            ['Second factor', account.secondFactors.join(', ') || 'none'],
            ['Since', <Time key="c" at={Date.parse(account.created)} />],
            ['State', account.disabled ? 'disabled' : 'active'],
          ]}
        />
      </Panel>
      <SessionsList account={account.id} />
    </>
  )
}
