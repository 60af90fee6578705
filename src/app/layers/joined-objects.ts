import type { Grant } from '../../kernel/grant.ts'
import type { ObjectRef } from '../../kernel/object-ref.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'

/** The grant with objects that another part of authorize saw, for the record. */
export function joinedObjects(grant: Grant, said: readonly ObjectRef[] | Denial): Grant | Denial {
  if (isDenied(said)) return said
  const fresh = said.filter(
    ({ type, id }) => !grant.objects.some((one) => one.type === type && one.id === id),
  )
  return fresh.length === 0 ? grant : { ...grant, objects: [...grant.objects, ...fresh] }
}
