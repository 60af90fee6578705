import type { PropertyVerdict, PropertyView } from '../../kernel/property-view.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'

/**
 * The view of a reply that proves ownership and guards no property: objects and lists leave only where the contract places
 * them, since elsewhere nobody looked for owners.
 */
export class PlacedOnly implements PropertyView {
  removed = 0
  denial: Denial | undefined

  decide(): PropertyVerdict {
    return 'pass'
  }

  misplaced(root: boolean): PropertyVerdict {
    if (root) {
      this.denial = deny('SCREEN_SCHEMA', 'screen.schema', 'the reply is not built as the contract says')
      return 'refuse'
    }
    this.removed++
    return 'remove'
  }

  // A reply without a schema is judged as the object itself, or as a list of them.
  blind(): undefined {
    return undefined
  }
}
