import type { Door } from '../../kernel/door.ts'
import type { Reply } from '../../kernel/facts.ts'
import type { DecisionDialect } from './decision-request.ts'

/** The door of a decision listener: calls are judged, never forwarded. */
export function createDecisionDoor(dialect: DecisionDialect, door: () => Door): Door {
  const said = dialect === 'nginx' ? saidToNginx : (reply: Reply): Reply => reply
  return {
    enter: (arrived) => door().decide(arrived).then(said),
    decide: (arrived) => door().decide(arrived).then(said),
    reject: (rejected) => said(door().reject(rejected)),
  }
}

/**
 * nginx knows 401 and 403 as refusals and takes every other status for a fault of its own (500): the status that the
 * caller should get goes into `X-Sallyport-Status`.
 */
function saidToNginx(reply: Reply): Reply {
  const { status } = reply
  if (status < 400 || status === 401) return reply
  return { ...reply, status: 403, fields: [...reply.fields, 'X-Sallyport-Status', String(status)] }
}
