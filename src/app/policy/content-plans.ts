import type { ContentConfig } from '../../config/types/content-config.ts'
import type { Finding } from '../../kernel/finding.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { OwnedOutbound } from '../../outbound/create-outbound.ts'
import { createExternalDetector } from '../../stages/screen/context/external/create-external-detector.ts'
import type { ExternalDetector } from '../../stages/screen/context/external/external-detector.ts'
import { type ContentPlan, isForeign } from '../../stages/screen/context/options.ts'
import type { TaintPlan } from '../../stages/screen/context/taint/create-taint.ts'
import type { SecretPlan } from '../../stages/screen/secrets/secret-plan.ts'
import type { PolicyApi, Selecting } from './policy.ts'

/** What is done about the texts of each operation's replies, by slot. Without `outbound` nobody else is asked. */
export function contentPlansOf(
  policy: Selecting,
  apis: readonly PolicyApi[],
  outbound?: OwnedOutbound,
): readonly (ContentPlan | undefined)[] {
  const plans: (ContentPlan | undefined)[] = []
  for (const api of apis) {
    const { detectors, content, controls, bounds } = api.config
    const external = new Map<string, ExternalDetector>()
    if (outbound !== undefined)
      for (const one of detectors) external.set(one.name, createExternalDetector(one, outbound))
    for (const rule of content)
      for (const { slot, id } of policy.select(api, rule.for, `${rule.pointer}/for`))
        plans[slot] ??= {
          trust: rule.trust,
          mode: rule.mode,
          control: controls.context,
          source: id,
          hosts: new Set(rule.hosts),
          // What is known goes into the `_meta` of MCP results.
          envelope: api.config.mcp !== undefined ? 'json' : rule.envelope,
          whole: rule.buffer === 'full',
          maxBytes: bounds.responseBody,
          external: rule.detector === undefined ? undefined : external.get(rule.detector),
        }
  }
  return plans
}

/** What is done about secrets in each operation's replies, by slot. */
export function secretPlansOf(
  policy: Selecting,
  apis: readonly PolicyApi[],
): readonly (SecretPlan | undefined)[] {
  const plans: (SecretPlan | undefined)[] = []
  for (const api of apis) {
    const { secrets, controls } = api.config
    const mode = controls.secrets
    if (mode === 'off') continue
    const { action, kinds } = secrets
    for (const { slot } of api.contract.operations) plans[slot] = { mode, action, kinds }
    if (secrets.except.length > 0)
      for (const { slot } of policy.select(api, secrets.except, `${secrets.pointer}/except`))
        plans[slot] = undefined
  }
  return plans
}

/** Every operation of an API of which some show the texts of others. */
export function taintPlansOf(
  apis: readonly PolicyApi[],
  content: readonly (ContentPlan | undefined)[],
): readonly (TaintPlan | undefined)[] {
  const plans: (TaintPlan | undefined)[] = []
  for (const api of apis) {
    const foreign = api.contract.operations.some(({ slot }) => {
      const plan = content[slot]
      return plan !== undefined && isForeign(plan)
    })
    const { mode, approval, per, expiry } = api.config.taint
    if (foreign && mode !== 'off')
      for (const { slot } of api.contract.operations) plans[slot] = { mode, approval, per, expiryMs: expiry }
  }
  return plans
}

const streams = ['text/event-stream', 'application/x-ndjson', 'application/jsonl', 'application/ndjson']

/** What content rules promise and cannot keep. */
export function contentFindings(policy: Selecting, apis: readonly PolicyApi[]): readonly Finding[] {
  return apis.flatMap((api) => {
    const ruled = new Set<number>()
    return api.config.content.flatMap((rule) => {
      const fresh = policy.select(api, rule.for, `${rule.pointer}/for`).filter(({ slot }) => !ruled.has(slot))
      for (const { slot } of fresh) ruled.add(slot)
      return fresh.flatMap((operation) => unsoundOf(policy, operation, rule))
    })
  })
}

function unsoundOf(policy: Selecting, { id, output }: Operation, rule: ContentConfig): readonly Finding[] {
  // A range of all types declares no stream.
  const open = output.find(200, 'application/x-unheard-of') !== undefined
  const stream = open ? undefined : streams.find((type) => output.find(200, type) !== undefined)
  if (stream === undefined) return []
  const place = policy.loaded.place(rule.pointer)
  if (rule.mode === 'block' && rule.buffer !== 'full')
    return [
      {
        rule: 'content.block-stream',
        severity: 'error',
        message: `\`${id}\` answers with a stream: what has left cannot be recalled, so \`block\` cannot be kept`,
        place,
        fix: 'write `buffer: full`, or `mode: redact`',
      },
    ]
  if (rule.detector !== undefined && rule.buffer !== 'full')
    return [
      {
        rule: 'content.detector-stream',
        severity: 'warning',
        message: `\`${id}\` answers with a stream: the external detector is not asked about it`,
        place,
        fix: 'write `buffer: full`',
      },
    ]
  return []
}
