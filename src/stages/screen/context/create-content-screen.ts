import { isUtf8 } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import type { Answered, Reply } from '../../../kernel/facts.ts'
import { type Denial, deny } from '../../../kernel/verdict.ts'
import { parseJson, printableValue, printJson } from '../../../media/json.ts'
import { isJsonType, parseMediaType } from '../../../media/media-type.ts'
import { collect } from '../collect.ts'
import { contextFields } from './context-fields.ts'
import type { LinearModel } from './detect/linear-model.ts'
import { loadModel } from './detect/load-model.ts'
import { Inspection } from './inspection.ts'
import { LineStream } from './line-stream.ts'
import type { ContentPlan } from './options.ts'
import { type Treatment, treat, treatValue } from './rewrite.ts'

const check = 'screen.context'
/** By this media type a caller asks for the envelope. */
export const envelopeType = 'application/vnd.sallyport.context+json'

export interface ContentScreen {
  /** Reads the texts of a reply that is about to leave. Refuses with `SCREEN_CONTEXT` where the rule says `block`. */
  run(answered: Answered, reply: Reply): Reply | Denial | Promise<Reply | Denial>
  /** Texts of this operation come from others: what they name is not to be trusted. */
  isForeign(slot: number): boolean
}

/** Called with the texts of a reply that comes from others, after it was read. */
export type OnForeign = (answered: Answered, value: unknown) => void

/** Builds it; `plans` are indexed by `Operation.slot`, undefined for operations without a rule. */
export function createContentScreen(
  plans: readonly (ContentPlan | undefined)[],
  onForeign?: OnForeign,
): ContentScreen {
  let model: LinearModel | undefined
  const modelOf = (): LinearModel => (model ??= loadModel())
  if (plans.some((plan) => plan !== undefined && isRead(plan))) modelOf()
  return {
    isForeign: (slot) => {
      const trust = plans[slot]?.trust
      return trust === 'user-generated' || trust === 'external'
    },
    run(answered, reply) {
      const plan = plans[answered.operation.slot]
      if (plan === undefined || plan.control === 'off' || reply.tunnel !== undefined) return reply
      if (!isRead(plan) || reply.body === undefined) return withFields(reply, plan, undefined)
      const kind = kindOf(reply)
      if (kind === undefined) return withFields(reply, plan, undefined)
      const inspection = new Inspection(modelOf(), { hosts: plan.hosts, links: false })
      if (kind === 'ndjson' || kind === 'sse') return streamed(answered, reply, plan, inspection, kind)
      return whole(answered, reply, plan, inspection, kind, onForeign)
    },
  }
}

/** Texts that we or our own people wrote are taken at their word, unless something is to be done about them. */
function isRead({ trust, mode }: ContentPlan): boolean {
  return trust === 'user-generated' || trust === 'external' || mode === 'redact' || mode === 'block'
}

type Kind = 'json' | 'text' | 'ndjson' | 'sse'

/** Undefined for what holds no text. */
function kindOf(reply: Reply): Kind | undefined {
  const raw = fieldOf(reply, 'content-type')
  const essence = raw === undefined ? undefined : parseMediaType(raw)?.essence
  if (essence === undefined) return undefined
  if (
    essence === 'application/x-ndjson' ||
    essence === 'application/jsonl' ||
    essence === 'application/ndjson'
  )
    return 'ndjson'
  if (essence === 'text/event-stream') return 'sse'
  if (isJsonType(essence)) return 'json'
  return essence.startsWith('text/') || essence === 'application/xhtml+xml' ? 'text' : undefined
}

function fieldOf(reply: Reply, name: string): string | undefined {
  for (let i = 0; i < reply.fields.length; i += 2)
    if (reply.fields[i]?.toLowerCase() === name) return reply.fields[i + 1]
  return undefined
}

function treatmentOf({ mode, control }: ContentPlan): Treatment {
  if (control === 'observe' || mode === 'observe') return 'leave'
  return mode === 'redact' ? 'redact' : 'strip'
}

function watches({ mode, control }: ContentPlan): boolean {
  return control === 'observe' || mode === 'observe'
}

async function whole(
  answered: Answered,
  reply: Reply,
  plan: ContentPlan,
  inspection: Inspection,
  kind: 'json' | 'text',
  onForeign: OnForeign | undefined,
): Promise<Reply | Denial> {
  const unread = unreadable(answered, reply, plan)
  if (unread !== undefined) return unread
  const bytes = await collect(reply.body, plan.maxBytes)
  if (!(bytes instanceof Uint8Array)) return deny('SCREEN_TOO_LARGE', check, 'reply above the limit')
  const treatment = treatmentOf(plan)
  let left = bytes
  let value: unknown
  let print = (data: unknown): string => JSON.stringify(data)
  const json = kind === 'json' ? parseJson(bytes, { depth: 64, members: 2_000_000 }) : undefined
  if (json !== undefined && typeof json !== 'string') {
    const root = { value: printableValue(json) }
    const changed = await treatValue(root, inspection, treatment)
    value = root.value
    print = (data) => printJson(data, json.exact)
    if (changed) left = Buffer.from(print(value))
  } else {
    if (!isUtf8(bytes)) {
      if (!watches(plan)) return deny('SCREEN_CONTEXT', check, 'a text that is not UTF-8 cannot be read')
      inspection.partial = true
    }
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    const seen = text.slice(0, mostText)
    if (text.length > mostText) inspection.partial = true
    const made = treat(seen, '', inspection, treatment)
    value = made + text.slice(mostText)
    if (made !== seen) left = Buffer.from(value as string)
  }
  const refused = note(answered, plan, inspection)
  if (refused !== undefined) return refused
  onForeign?.(answered, value)
  if (plan.envelope || accepts(answered)) return enveloped(answered, reply, plan, inspection, value, print)
  return withFields({ ...reply, body: left }, plan, inspection, left !== bytes)
}

const mostText = 262_144

/** A reply whose texts cannot be read: refused, or passed on and noted where the rule only watches. */
function unreadable(answered: Answered, reply: Reply, plan: ContentPlan): Reply | Denial | undefined {
  const coding = fieldOf(reply, 'content-encoding')
  if (coding === undefined || coding === 'identity') return undefined
  const reason = 'a content coding that was not asked for hides the text'
  if (!watches(plan)) return deny('SCREEN_CONTEXT', check, reason)
  answered.trail.note('screen', check, 'deny', 'SCREEN_CONTEXT', `partial: ${reason}`, true)
  return reply
}

function streamed(
  answered: Answered,
  reply: Reply,
  plan: ContentPlan,
  inspection: Inspection,
  kind: 'ndjson' | 'sse',
): Reply | Denial {
  const unread = unreadable(answered, reply, plan)
  if (unread !== undefined) return unread
  const { body } = reply
  const lines = new LineStream({
    kind,
    inspection,
    treatment: treatmentOf(plan),
    over: (read) => void note(answered, plan, read),
  })
  if (body === undefined) return reply
  if (body instanceof Uint8Array) lines.end(body)
  else {
    body.once('error', (error) => lines.destroy(error))
    lines.once('close', () => body.destroy())
    body.pipe(lines)
  }
  return withFields({ ...reply, body: lines }, plan, undefined, true, true)
}

/** Puts what was found on record; a refusal where the rule wants one and the finding is certain. */
function note(answered: Answered, plan: ContentPlan, inspection: Inspection): Denial | undefined {
  const { flagged, findings, partial, removed } = inspection
  const sanitised = [...removed].map(([kind, count]) => `${kind}=${count}`).join(' ')
  if (!flagged) {
    if (sanitised !== '' || partial)
      answered.trail.note('screen', check, 'allow', undefined, `${partial ? 'partial ' : ''}${sanitised}`)
    return undefined
  }
  const where = findings
    .slice(0, 5)
    .map(
      ({ pointer, rules, risk }) =>
        `${rules.join('+')} at ${pointer === '' ? 'the text' : pointer} (${risk.toFixed(2)})`,
    )
  const reason = `${partial ? 'partial; ' : ''}${where.join(', ')}${sanitised === '' ? '' : `; ${sanitised}`}`
  if (plan.mode === 'block' && inspection.certain && !watches(plan))
    return deny('SCREEN_CONTEXT', check, reason)
  answered.trail.note('screen', check, 'deny', 'SCREEN_CONTEXT', reason, true)
  return undefined
}

function accepts({ fields }: Answered): boolean {
  return fields.get('accept')?.includes(envelopeType) === true
}

/** The reply as data beside what is known of it; the nonce lets a reader tell the envelope from what it holds. */
function enveloped(
  answered: Answered,
  reply: Reply,
  plan: ContentPlan,
  inspection: Inspection,
  value: unknown,
  print: (data: unknown) => string,
): Reply {
  const context = {
    v: 1,
    nonce: randomBytes(16).toString('base64url'),
    trust: plan.trust,
    operation: plan.source,
    retrieved: new Date(answered.time).toISOString(),
    inspected: inspection.partial ? 'partial' : 'full',
    risk: Number(inspection.risk.toFixed(2)),
    findings: inspection.findings.map(({ pointer, rules, risk }) => ({
      pointer,
      rules,
      score: Number(risk.toFixed(2)),
      action: watches(plan) ? 'observe' : plan.mode,
    })),
  }
  const body = Buffer.from(`{"$context":${JSON.stringify(context)},"data":${print(value)}}`)
  const replaced = withFields({ ...reply, body }, plan, inspection, true)
  return {
    ...replaced,
    fields: [...without(replaced.fields, ['content-type']), 'Content-Type', envelopeType],
  }
}

/** What speaks of the bytes that were, where they are others now. */
const ofBytes = [
  'etag',
  'content-md5',
  'digest',
  'content-digest',
  'repr-digest',
  'accept-ranges',
  'content-range',
]

function withFields(
  reply: Reply,
  plan: ContentPlan,
  inspection: Inspection | undefined,
  changed = false,
  streamed = false,
): Reply {
  if (watches(plan)) return reply
  const kept = without(reply.fields, changed ? [...own, ...ofBytes] : own)
  return { ...reply, fields: [...kept, ...contextFields(plan, inspection, streamed)] }
}

/** Nobody but us says these. */
const own = ['context-trust', 'context-risk', 'context-sanitized']

function without(fields: readonly string[], names: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < fields.length; i += 2)
    if (!names.includes((fields[i] as string).toLowerCase()))
      kept.push(fields[i] as string, fields[i + 1] as string)
  return kept
}
