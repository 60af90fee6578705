import type { Gate, Soon } from '../../gateway/gate.ts'
import type { Identified, Inspected } from '../../kernel/facts.ts'
import type { Grant } from '../../kernel/grant.ts'
import type { ObjectRef } from '../../kernel/object-ref.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import type { Ledger } from '../../stages/authorize/ledger/create-ledger.ts'
import { joinedObjects } from './joined-objects.ts'

/** Authorize, and after it what was learned: a refusal of either refuses. */
export function withLedger(authorize: Gate['authorize'], ledger: Ledger): Gate['authorize'] {
  const recall = (call: Identified, grant: Grant | Denial): Soon<Grant | Denial> => {
    if (isDenied(grant)) return grant
    const said = ledger.run(call)
    return said instanceof Promise
      ? said.then((settled) => joinedObjects(grant, settled))
      : joinedObjects(grant, said)
  }
  const teach = (call: Inspected, grant: Grant | Denial, objects: readonly ObjectRef[]): Grant | Denial => {
    if (isDenied(grant)) return grant
    const release = ledger.lesson(call)
    const named = joinedObjects(grant, objects)
    return release === undefined || isDenied(named) ? named : { ...named, release }
  }
  return {
    run(call) {
      const grant = authorize.run(call)
      return grant instanceof Promise ? grant.then((settled) => recall(call, settled)) : recall(call, grant)
    },
    // Before authorize, which may read an object upstream for its owner.
    runInput(call) {
      const said = ledger.runInput(call)
      if (isDenied(said)) return said
      const grant = authorize.runInput(call)
      return grant instanceof Promise
        ? grant.then((settled) => teach(call, settled, said))
        : teach(call, grant, said)
    },
  }
}
