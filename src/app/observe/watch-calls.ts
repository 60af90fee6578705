import type { AnomalyConfig } from '../../config/types/record-config.ts'
import type { AuditEvent } from '../../kernel/event.ts'
import type { KeptFinding } from '../../kernel/finding-store.ts'
import type { Hold } from '../../kernel/hold.ts'
import type { JsonClient } from '../../outbound/create-outbound.ts'
import type { Block, BlockList } from '../../stages/record/anomaly/block-list.ts'
import { createContextHits } from '../../stages/record/anomaly/context-hits.ts'
import { createAnomaly } from '../../stages/record/anomaly/create-anomaly.ts'
import type { AnomalyFinding } from '../../stages/record/anomaly/finding.ts'
import type { Log } from '../../stages/record/log.ts'
import type { Metrics } from '../../stages/record/metrics/metrics.ts'
import { signatureOf } from '../../stages/record/sinks/signature.ts'
import { ownEvent } from './own-event.ts'

/** Alerts on their way at once; what comes on top is only on record. */
const mostSending = 16

/** What watches the calls of a running gateway. */
export interface Watch {
  readonly blocks: BlockList
  observe(event: AuditEvent): void
}

/** Notes findings, counts them, puts them on record, blocks their subjects where the configuration says so, sends alerts. */
export function createWatch(
  config: AnomalyConfig,
  parts: {
    readonly metrics: Metrics
    readonly log: Log
    readonly outbound: Pick<JsonClient, 'postJson'>
    record(event: Omit<AuditEvent, 'sequence'>): void
    keep(finding: Omit<KeptFinding, 'responses'>): void
    /** Who is refused. */
    readonly blocks: BlockList
    refuse(block: Block): void
    hold(hold: Hold): void
  },
): Watch {
  const anomaly = createAnomaly()
  const hits = createContextHits()
  let sending = 0

  function act(finding: AnomalyFinding): void {
    parts.keep(finding)
    parts.metrics.finding(finding.kind)
    parts.log.warn(
      { finding: finding.kind, subject: finding.subject, evidence: finding.evidence },
      finding.summary,
    )
    parts.record(eventOf(finding))
    const blockedFor = config.block.get(finding.kind)
    if (blockedFor !== undefined && finding.subject.kind !== 'everyone')
      parts.refuse({ subject: finding.subject, kind: finding.kind, until: finding.time + blockedFor })
    for (const [response, times] of [
      ['step-up', config.stepUp],
      ['revoke', config.revoke],
    ] as const) {
      const heldFor = times.get(finding.kind)
      const caller = callerOf(finding)
      if (heldFor === undefined || caller === undefined) continue
      const { time: since, kind } = finding
      parts.hold({ ...caller, response, since, until: since + heldFor, kind })
      parts.record(ownEvent(`finding.${response}`, `${kind}: ${finding.summary}`, { ...caller, time: since }))
    }
    if (config.webhook !== undefined && sending < mostSending) void send(config.webhook, finding)
  }

  async function send(
    { url, secret }: NonNullable<AnomalyConfig['webhook']>,
    finding: AnomalyFinding,
  ): Promise<void> {
    sending++
    const body = { text: `Sallyport: ${finding.summary}`, finding }
    const signature =
      secret === undefined
        ? undefined
        : signatureOf(secret.reveal(), JSON.stringify(body), Math.floor(Date.now() / 1000))
    try {
      await parts.outbound.postJson(url, body, {
        token: undefined,
        requestId: finding.id,
        timeoutMs: 5_000,
        ...(signature !== undefined && { signature }),
      })
    } catch (error) {
      parts.log.error(
        { finding: finding.kind, reason: error instanceof Error ? error.message : 'unknown' },
        'alert was not taken',
      )
    } finally {
      sending--
    }
  }

  return {
    blocks: parts.blocks,
    observe(event) {
      // What is on record of ourselves is no traffic.
      if (!config.watch || event.api === 'sallyport') return
      for (const finding of anomaly.observe(event)) act(finding)
      for (const finding of hits.observe(event)) act(finding)
    },
  }
}

/** Who can be asked to authenticate anew; undefined for an address. */
function callerOf({ subject, evidence }: AnomalyFinding): { issuer: string; sub: string } | undefined {
  if (subject.kind === 'credential') {
    const { issuer, subject: sub } = evidence
    return typeof issuer === 'string' && typeof sub === 'string' && sub !== '' ? { issuer, sub } : undefined
  }
  if (subject.kind !== 'principal') return undefined
  const slash = subject.key.indexOf('/')
  return { issuer: subject.key.slice(0, slash), sub: subject.key.slice(slash + 1) }
}

/** A finding among the events: API `sallyport`, operation `finding.KIND`. */
function eventOf({ id, time, kind, subject, summary }: AnomalyFinding): Omit<AuditEvent, 'sequence'> {
  const [issuer = '', ...sub] = subject.kind === 'principal' ? subject.key.split('/') : []
  return ownEvent(`finding.${kind}`, summary, {
    time,
    id,
    issuer,
    sub: sub.join('/'),
    credential: subject.kind === 'credential' || subject.kind === 'account' ? subject.key : '',
    address: subject.kind === 'address' ? subject.key : '',
    objects: subject.kind === 'operation' ? [{ type: 'operation', id: subject.key }] : [],
  })
}
