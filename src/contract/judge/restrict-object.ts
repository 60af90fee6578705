import type { Shape } from './shape.ts'
import type { JsonRecord, Visitor } from './visitor.ts'

/**
 * Takes the guarded properties of one object out. All guards of a property must let it pass; all are asked before
 * anything goes, so that an owner can still be read. False where the whole value is refused.
 */
export function restrict(
  shapes: readonly Shape[],
  object: JsonRecord,
  exact: JsonRecord,
  root: boolean,
  visitor: Visitor,
): boolean {
  let gone: string[] | undefined
  for (const { guards } of shapes) {
    if (guards === undefined) continue
    for (const [key, numbers] of guards) {
      if (!Object.hasOwn(object, key)) continue
      for (const guard of numbers) {
        const verdict = visitor.view?.decide(guard, exact, root) ?? 'pass'
        if (verdict === 'refuse') return false
        if (verdict === 'remove' && gone?.includes(key) !== true) gone = [...(gone ?? []), key]
      }
    }
  }
  if (gone === undefined) return true
  for (const key of gone) {
    delete object[key]
    if (exact !== object) delete exact[key]
  }
  return true
}
