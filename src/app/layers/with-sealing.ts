import type { Gate } from '../../gateway/gate.ts'
import type { Inspected } from '../../kernel/facts.ts'
import type { Grant } from '../../kernel/grant.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import type { Sealing } from '../../stages/authorize/sealing/create-sealing.ts'
import { inOrder } from './in-order.ts'

/** Authorize, whose grant seals the reply, after whatever else looks at it: what is learned are the upstream's own ids. */
export function withSealing(authorize: Gate['authorize'], sealing: Sealing): Gate['authorize'] {
  const seal = (call: Inspected, grant: Grant | Denial): Grant | Denial => {
    if (isDenied(grant)) return grant
    const release = sealing.release(call)
    if (release === undefined) return grant
    return { ...grant, release: inOrder(grant.release, release) }
  }
  return {
    run: (call) => authorize.run(call),
    runInput(call) {
      const grant = authorize.runInput(call)
      return grant instanceof Promise ? grant.then((settled) => seal(call, settled)) : seal(call, grant)
    },
  }
}
