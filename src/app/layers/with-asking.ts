import type { Gate, Soon } from '../../gateway/gate.ts'
import type { Inspected } from '../../kernel/facts.ts'
import type { Grant } from '../../kernel/grant.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import type { AskedSaid, Asking } from '../../stages/authorize/asking/create-asking.ts'
import { joinedObjects } from './joined-objects.ts'

/**
 * Authorize with external decision points: asked after limits and inspection, so that a flood costs them no more than the
 * caller's budget, and before anything is read or written upstream.
 */
export function withAsking(authorize: Gate['authorize'], asking: Asking): Gate['authorize'] {
  const go = (call: Inspected, said: AskedSaid): Soon<Grant | Denial> => {
    if (isDenied(said)) return said
    const grant = authorize.runInput(call)
    const join = (settled: Grant | Denial): Grant | Denial =>
      isDenied(settled) ? settled : joinedObjects(settled, said)
    return grant instanceof Promise ? grant.then(join) : join(grant)
  }
  return {
    run: (call) => authorize.run(call),
    runInput(call) {
      const said = asking.run(call)
      return said instanceof Promise ? said.then((settled) => go(call, settled)) : go(call, said)
    },
  }
}
