import type { Input } from '../../kernel/facts.ts'
import type { MediaContract } from '../../kernel/operation.ts'
import type { SchemaError } from '../../kernel/verdict.ts'

/** A body that was read, with what the contract has against it. */
export interface ReadBody {
  readonly input: Input
  readonly errors: readonly SchemaError[]
  /** What the body is made of, for the scan of its texts; undefined where it is passed on unread. */
  readonly scanned?: {
    readonly value: unknown
    readonly media: MediaContract
    readonly bytes: number /** The texts as they are, whatever the schema says. */
    readonly loose?: boolean
  }
}
