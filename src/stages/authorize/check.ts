import type { Scene } from '../../expression/scene.ts'
import type { Identified } from '../../kernel/facts.ts'
import type { ObjectRef } from '../../kernel/grant.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { Verdict } from '../../kernel/verdict.ts'

/** Objects that one call names are recorded up to here; all of them are judged. */
export const maxRecordedObjects = 256

/** One compiled rule for one operation. */
export interface Check {
  /** `authorize.scope`, `authorize.function`, `authorize.object`. */
  readonly name: string
  /** For the record, beside the verdict: `profile`, `function rule 2`. */
  readonly label: string
  readonly mode: Mode
  /** `input`: needs the judged body. */
  readonly phase: 'head' | 'input'
  /** The verdict, and into `objects` what the call touches. Never throws on any input. */
  judge(call: Identified, scene: Scene, objects: ObjectRef[]): Verdict
}
