import { pino } from 'pino'
import type { Log } from '../../stages/record/log.ts'

/** The gateway's own log, for the operator: JSON lines on standard error. Audit events go elsewhere. */
export function createLog(): Log {
  return pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  )
}
