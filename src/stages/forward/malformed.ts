import { Fault } from '../../kernel/fault.ts'

/** A reply that breaks HTTP: nothing more of the connection can be trusted. `reason` is our own words. */
export function malformed(reason: string, cause?: unknown): Fault {
  return new Fault('FORWARD_MALFORMED', 'forward.reply', reason, cause)
}
