import type { Gate, Soon } from '../../gateway/gate.ts'
import type { Identified, Inspected } from '../../kernel/facts.ts'
import type { Grant } from '../../kernel/grant.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import type { Flows } from '../../stages/authorize/flows/create-flows.ts'
import { inOrder } from './in-order.ts'

/** Authorize, and after it the order and pace of flows. */
export function withFlows(authorize: Gate['authorize'], flows: Flows): Gate['authorize'] {
  const begin = (call: Identified, grant: Grant | Denial): Grant | Denial =>
    isDenied(grant) ? grant : (flows.run(call) ?? grant)
  const take = (call: Inspected, grant: Grant | Denial): Grant | Denial => {
    if (isDenied(grant)) return grant
    const denial = flows.take(call)
    if (denial !== undefined) return denial
    const release = flows.release(call)
    return release === undefined ? grant : { ...grant, release: inOrder(grant.release, release) }
  }
  const then = <C extends Identified>(
    call: C,
    grant: Soon<Grant | Denial>,
    next: (call: C, grant: Grant | Denial) => Grant | Denial,
  ): Soon<Grant | Denial> =>
    grant instanceof Promise ? grant.then((settled) => next(call, settled)) : next(call, grant)
  return {
    run: (call) => then(call, authorize.run(call), begin),
    runInput: (call) => then(call, authorize.runInput(call), take),
  }
}
