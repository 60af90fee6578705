import type { Answer } from '../../kernel/facts.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { decodeContent, isKnownCoding } from '../../media/content-coding.ts'
import { collect } from './collect.ts'

/** The whole body of an answer with its content coding undone; `SCREEN_TOO_LARGE` past `limit` bytes. */
export async function plainBytes(answer: Answer, limit: number): Promise<Uint8Array | Denial> {
  const coding = answer.fields.get('content-encoding')?.toLowerCase()
  const whole = await collect(answer.body, limit)
  if (whole === 'too large') return deny('SCREEN_TOO_LARGE', 'screen.size', 'reply above the limit')
  if (coding === undefined || coding === 'identity') return whole
  if (!isKnownCoding(coding)) return deny('SCREEN_SCHEMA', 'screen.coding', 'unknown content coding')
  const plain = await decodeContent(coding, whole, limit)
  if (plain === 'too large') return deny('SCREEN_TOO_LARGE', 'screen.size', 'reply inflates beyond the limit')
  if (plain === 'broken') return deny('SCREEN_SCHEMA', 'screen.coding', 'content coding does not decode')
  return plain
}
