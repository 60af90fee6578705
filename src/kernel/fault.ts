import type { ProblemCode } from './problem.ts'
import { type Denial, deny } from './verdict.ts'

/**
 * An exception that already knows its problem code. A plain `Error` that escapes a stage becomes
 * `GATEWAY_FAULT`; either way the call is refused and the process lives.
 */
export class Fault extends Error {
  readonly code: ProblemCode
  readonly check: string

  constructor(code: ProblemCode, check: string, reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause })
    this.name = 'Fault'
    this.code = code
    this.check = check
  }
}

/** Turns whatever was thrown into a refusal. Never throws. */
export function denialOf(thrown: unknown): Denial {
  if (thrown instanceof Fault)
    return deny(thrown.code, thrown.check, thrown.message, { cause: thrown.cause ?? thrown })
  const reason = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'a non-error was thrown'
  return deny('GATEWAY_FAULT', 'gateway.fault', reason, { cause: thrown })
}
