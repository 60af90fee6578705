import type { Answered } from '../../kernel/facts.ts'
import type { SignStatement } from './context/envelope.ts'
import type { ContentPlan } from './context/options.ts'
import type { TextTools } from './context/text-reader.ts'
import type { SecretSearch } from './secrets/find-secrets.ts'
import type { SecretPlan } from './secrets/secret-plan.ts'

/** Told of the texts that leave, so that destinations in them are known for what they are. */
export interface TextListener {
  /** Texts that others wrote. The reply leaves once it is noted; where that fails it does not. */
  foreign(answered: Answered, texts: readonly string[]): void | Promise<void>
  /** A reply that we vouch for, as JSON text. */
  vouched(answered: Answered, text: string): void
}

export interface ReaderOptions {
  readonly content: ContentPlan | undefined
  readonly secrets: SecretPlan | undefined
  readonly listener: TextListener | undefined
}

/** What readers share. */
export interface ReaderTools extends TextTools {
  readonly sign: SignStatement | undefined
}

/** What one operation's replies are read for. */
export interface Reading extends ReaderOptions {
  /** Content that is read; undefined where it is only labelled. */
  readonly read: ContentPlan | undefined
  readonly search: SecretSearch | undefined
  readonly tools: ReaderTools
}
