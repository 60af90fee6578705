import type { Mode } from '../../../kernel/mode.ts'
import type { SecretKind } from './secret-kinds.ts'

/** What is done about secrets in the replies of one operation. */
export interface SecretPlan {
  readonly mode: Mode
  /** In `enforce`: what is done about them. */
  readonly action: 'redact' | 'block'
  readonly kinds: readonly SecretKind[]
}
