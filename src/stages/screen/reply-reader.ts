import type { Answered } from '../../kernel/facts.ts'
import type { TextPlan } from '../../kernel/text-plan.ts'
import type { Denial } from '../../kernel/verdict.ts'
import type { SchemaState } from './context/context-fields.ts'
import type { ScreenedBody } from './screened-body.ts'

/** JSON that is about to leave. */
export interface LeavingJson {
  /** Holds the value, printable; texts are replaced in it. */
  readonly root: { value: unknown }
  /** The text that was parsed; it may hold more than is left in the value. */
  readonly text: string
  /** Which of its texts may be any text. */
  readonly texts: TextPlan
  readonly schema: SchemaState
}

/** What became of it. */
export interface ReadJson {
  readonly changed: boolean
  /** Fields for the reply, flat name and value pairs. */
  readonly fields: readonly string[]
  /** What is done with the printed value: it is put into the envelope. */
  readonly wrap?: ((data: string) => ScreenedBody) | undefined
}

type Soon<T> = T | Promise<T>

/** Reads the texts of the replies of one operation, last of all: secrets, instructions, and destinations they name. */
export interface ReplyReader {
  /** True where its replies are read whole although nothing else would be. */
  readonly demanding: boolean
  json(answered: Answered, leaving: LeavingJson): Soon<ReadJson | Denial>
  /** A reply that says JSON and is none: the refusal, where its texts had to be read. */
  unparsed(answered: Answered): Denial | undefined
  /** A reply that is not JSON; undefined where there is nothing to be read. */
  body(answered: Answered, essence: string | undefined): Soon<ScreenedBody | Denial> | undefined
  /** Fields of a reply without a body. */
  readonly head: readonly string[]
}
