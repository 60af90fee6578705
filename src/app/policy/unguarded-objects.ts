import type { Operation } from '../../kernel/operation.ts'
import type { Policy, PolicyApi } from './policy.ts'

/**
 * Where requests of an operation name objects that no rule guards: parameters that are named as open doors, ids in its path, and
 * ids in its query and body where the operation has no rule at all.
 */
export function unguardedObjects(
  policy: Pick<Policy, 'findings'>,
  api: PolicyApi,
): (operation: Operation, guarded: boolean) => readonly string[] {
  const ids = api.contract.objectIds()
  const doors = policy.findings.filter(({ rule }) => rule === 'open-door.object-without-rule')
  return (operation, guarded) => {
    const named = `${operation.method} ${operation.template} names an object by `
    const places = new Set(
      doors.flatMap(({ message }) =>
        message.startsWith(named) ? (message.slice(named.length).split(', and no')[0] ?? '') : [],
      ),
    )
    if (!guarded) {
      for (const { in: where, name } of operation.parameters) if (where === 'path') places.add(`path.${name}`)
      for (const { place, type, confidence, own } of ids.places(operation.slot)) {
        if (confidence === 'guess' || place.startsWith('reply')) continue
        const isNew = own === true && ids.operations.get(operation.slot)?.creates === type
        if (!isNew && !place.startsWith('path')) places.add(place)
      }
    }
    return [...places]
  }
}
