import type { Answered } from '../../kernel/facts.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { collect } from './collect.ts'
import type { ScreenedBody } from './screened-body.ts'
import { hasStackTrace } from './stack-trace.ts'

/** What stands in for an error body of the upstream that may not leave (RFC 9457). */
export function plainError(answered: Answered): ScreenedBody {
  const { status } = answered.answer
  const body = JSON.stringify({
    type: 'about:blank',
    title: status >= 500 ? 'Upstream error' : 'Request failed',
    status,
    instance: answered.id,
  })
  return { body: Buffer.from(body), coded: false, mediaType: 'application/problem+json' }
}

/**
 * An error reply that no schema describes: bodies of 5xx replies are replaced, those of 4xx only where they show the
 * inside of the upstream (ASVS 16.5.1).
 */
export async function screenErrorBody(answered: Answered, maxBytes: number): Promise<ScreenedBody | Denial> {
  const { answer } = answered
  const whole = await collect(answer.body, maxBytes)
  if (whole === 'too large') return deny('SCREEN_TOO_LARGE', 'screen.size', 'error reply above the limit')
  const coded = answer.fields.has('content-encoding')
  if (answer.status < 500 && !coded && !hasStackTrace(Buffer.from(whole).toString('latin1')))
    return { body: whole, coded: true }
  answered.trail.note('screen', 'screen.error', 'allow', undefined, 'error body replaced')
  return plainError(answered)
}
