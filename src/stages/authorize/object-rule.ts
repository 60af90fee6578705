import { isFailure } from '../../expression/failure.ts'
import type { Scene } from '../../expression/scene.ts'
import type { Identified } from '../../kernel/facts.ts'
import type { Mode } from '../../kernel/mode.ts'
import { allow } from '../../kernel/verdict.ts'
import { type Check, maxRecordedObjects } from './check.ts'
import type { IdSource } from './id-source.ts'
import type { ObjectRule } from './options.ts'
import { type Ownership, objectCheck } from './ownership.ts'

/** A rule that the request alone decides, for one operation. */
export interface DeclaredRule extends Check {
  readonly rule: ObjectRule
  /** The owner of the one object that the call names; undefined where it names none or several. */
  ownerOf(call: Identified, scene: Scene): string | undefined
}

/**
 * An object rule declared over the request, for one operation (OWASP API1:2023, ASVS 8.2.2): every id that the
 * call names must belong to the caller, compared as text with no folding, or `allow` must let the caller in; one
 * foreign id refuses all with `AUTHORIZE_OBJECT`. `0123`, `123.0`, a space or another case is another object.
 */
export function compileDeclaredRule(
  rule: ObjectRule,
  source: IdSource,
  ownership: Ownership,
  mode: Mode,
): DeclaredRule {
  return {
    name: objectCheck,
    label: rule.name,
    mode: rule.mode ?? mode,
    phase: source.phase === 'input' || ownership.phase !== 'head' ? 'input' : 'head',
    rule,
    judge: (call, scene, objects) => {
      const ids: string[] = []
      const unreadable = source.read(call, scene, ids)
      if (unreadable !== undefined) return ownership.failed(unreadable)
      for (const id of ids) {
        if (objects.length < maxRecordedObjects) objects.push({ type: rule.name, id })
        const denial = ownership.judge(call, scene, id, ownership.ownerOf(call, scene, id))
        if (denial !== undefined) return denial
      }
      return allow
    },
    ownerOf: (call, scene) => {
      const ids: string[] = []
      if (source.read(call, scene, ids) !== undefined || ids.length !== 1) return undefined
      const owner = ownership.ownerOf(call, scene, ids[0])
      return isFailure(owner) ? undefined : owner
    },
  }
}
