import type { Exchange } from '../session.ts'

/** True where something stops a caller that comes too often. */
export function isHeldUp({ reply }: Exchange): boolean {
  return reply.status === 429 || reply.status === 503 || reply.status === 423 || reply.failure !== undefined
}
