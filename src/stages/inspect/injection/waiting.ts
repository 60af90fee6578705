import type { TextContext } from './finding.ts'

/** A text that waits for its turn. */
export interface Waiting {
  readonly text: string
  readonly context: TextContext
}
