import { createHash, randomBytes } from 'node:crypto'
import type { Answered } from '../../../kernel/facts.ts'
import type { Inspection } from './inspection.ts'
import { type ContentPlan, isWatched } from './options.ts'

/** By this media type a caller asks for the envelope. */
export const envelopeType = 'application/vnd.sallyport.context+json'

/** Signs a statement with the gateway's own key; a compact JWS. */
export type SignStatement = (statement: object, type: string) => string

/** True where a caller asks for the envelope. */
export function asksForEnvelope({ fields }: Pick<Answered, 'fields'>): boolean {
  return fields.get('accept')?.toLowerCase().includes(envelopeType) === true
}

/**
 * The reply as data beside what is known of it: `{ "$context": …, "data": … }`. The nonce occurs nowhere in the data, so
 * that nobody who wrote them can end them or forge what stands beside them. The signature is a JWS (RFC 7515) whose payload
 * repeats `$context` and holds the SHA-256 of the octets of `data`, which are the last member of the body.
 */
export function enveloped(
  answered: Answered,
  plan: ContentPlan,
  inspection: Inspection,
  untrusted: readonly string[],
  data: string,
  sign: SignStatement | undefined,
): Buffer {
  const action = isWatched(plan) ? 'observe' : plan.mode
  const context = {
    v: 1,
    nonce: nonceOutside(data),
    trust: plan.trust,
    operation: plan.source,
    retrieved: new Date(answered.time).toISOString(),
    inspected: inspection.partial ? 'partial' : 'full',
    risk: round(inspection.risk),
    untrusted,
    findings: inspection.findings.map(({ pointer, kind, rule, score, digest }) => ({
      pointer,
      kind,
      rule,
      score: round(score),
      action,
      id: digest,
    })),
  }
  const signature = sign?.(
    { ...context, data: `sha-256:${createHash('sha256').update(data).digest('base64url')}` },
    'context+jwt',
  )
  return Buffer.from(`{"$context":${JSON.stringify({ ...context, signature })},"data":${data}}`)
}

function nonceOutside(data: string): string {
  let nonce = randomBytes(16).toString('base64url')
  while (data.includes(nonce)) nonce = randomBytes(16).toString('base64url')
  return nonce
}

function round(value: number): number {
  return Number(value.toFixed(2))
}
