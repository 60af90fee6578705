import { createHash } from 'node:crypto'
import type { BlockReply, FindingAction, FindingReply } from '../../admin/contract.ts'
import type { FindingsSource } from '../../admin/finding-routes.ts'
import type { Visitor } from '../../admin/visitor.ts'
import type { KeptFinding } from '../../kernel/finding-store.ts'
import type { Block } from '../../stages/record/anomaly/block-list.ts'
import type { AnomalyFinding } from '../../stages/record/anomaly/finding.ts'
import type { RunningAuthority } from '../authority/start-authority.ts'
import type { Services } from '../services.ts'

const usualMinutes = 60
/** As long as a credential that was issued before could live: see `sallyport tokens revoke`. */
const revokedMs = 366 * 86_400_000

/** Findings with what was done about them, and blocks. */
export function createAdminFindings(
  services: Services,
  authority: RunningAuthority | undefined,
): FindingsSource {
  const { watch, revocations, holds, findings, blockBook: book } = services
  const isHeld = (key: string): boolean =>
    holds.list.size > 0 && holds.list.live(Date.now()).some(({ issuer, sub }) => `${issuer}/${sub}` === key)
  const isOwn = (issuer: string): boolean => authority !== undefined && issuer === authority.issuerName

  function viewOf(finding: KeptFinding): FindingReply {
    const subject = finding.subject as AnomalyFinding['subject']
    const blocked = watch.blocks.left(subject.kind, subject.key, Date.now()) > 0
    const last = finding.responses.at(-1)?.action
    return {
      ...finding,
      state: blocked
        ? 'blocked'
        : last === undefined || last === 'block'
          ? 'open'
          : last === 'acknowledge'
            ? 'acknowledged'
            : 'resolved',
      actions: actionsFor(subject, blocked || isHeld(subject.key)),
    }
  }

  async function act(
    finding: FindingReply,
    action: FindingAction,
    until: number,
    by: Visitor,
    reason: string,
  ) {
    const subject = finding.subject as AnomalyFinding['subject']
    const issuer = issuerOf(subject.key)
    const sub = subject.key.slice(issuer.length + 1)
    const now = Date.now()
    switch (action) {
      case 'acknowledge':
        return true
      case 'block':
        await book.block({
          subject,
          kind: finding.kind as AnomalyFinding['kind'],
          until,
          by: by.name,
          reason,
        })
        return true
      case 'release':
        return release(subject, by, reason)
      case 'step-up':
        holds.add({ issuer, sub, response: 'step-up', since: now, until, kind: finding.kind })
        return true
      case 'revoke':
        await revocations.revoke({ kind: 'subject', issuer, value: sub, before: now, until: now + revokedMs })
        if (isOwn(issuer)) await authority?.accounts.people.endSessions(sub, by.name)
        return true
    }
  }

  /** Both what refuses and what asks for more; false where there was neither. */
  async function release(subject: Block['subject'], by: Visitor, reason: string): Promise<boolean> {
    const wasBlocked = await book.release(subject, by.name, reason)
    if (subject.kind !== 'principal') return wasBlocked
    const issuer = issuerOf(subject.key)
    return (await holds.release(issuer, subject.key.slice(issuer.length + 1))) || wasBlocked
  }

  return {
    findings: () => findings.findings().map(viewOf),
    blocks: () => watch.blocks.live(Date.now()).map(blockOf),
    async respond(finding, { action, minutes = usualMinutes, reason }, by) {
      const now = Date.now()
      if (!(await act(finding, action, now + minutes * 60_000, by, reason))) return false
      await findings.respond(finding.id, { at: new Date(now).toISOString(), by: by.name, action, reason })
      return true
    },
    async block(subject, minutes, reason, by) {
      const block = {
        subject: subject as Block['subject'],
        kind: 'by-hand' as const,
        until: Date.now() + minutes * 60_000,
        by: by.name,
        reason,
      }
      await book.block(block)
      return blockOf(block)
    },
    async release(id, by) {
      const block = watch.blocks.live(Date.now()).find((one) => idOf(one) === id)
      return block !== undefined && book.release(block.subject, by.name, '')
    },
  }
}

/** What can be done about whom. A digest of a credential takes nothing back: only the gateway that sees it can refuse it. */
function actionsFor({ kind, key }: AnomalyFinding['subject'], refused: boolean): readonly FindingAction[] {
  const block: readonly FindingAction[] = refused ? ['block', 'release'] : ['block']
  switch (kind) {
    case 'principal':
      // Keys and certificates say nothing of when somebody signed in.
      return /^(?:keys|certificates)\//.test(key)
        ? ['acknowledge', ...block, 'revoke']
        : ['acknowledge', ...block, 'revoke', 'step-up']
    case 'address':
    case 'credential':
      return ['acknowledge', ...block]
    case 'account':
    case 'everyone':
    case 'operation':
      return ['acknowledge']
  }
}

function issuerOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf('/')))
}

function blockOf(block: Block): BlockReply {
  return {
    id: idOf(block),
    subject: block.subject,
    kind: block.kind,
    until: block.until,
    by: block.by ?? '',
    reason: block.reason ?? '',
  }
}

function idOf({ subject }: Block): string {
  return createHash('sha256').update(`${subject.kind}\0${subject.key}`).digest('base64url').slice(0, 22)
}
