import type { Mode } from '../../../kernel/mode.ts'

/** How far texts of an operation's replies are trusted. */
export type Trust = 'trusted' | 'internal' | 'user-generated' | 'external'

/** What is done about instructions in a reply. */
export type ContentMode = 'observe' | 'mark' | 'redact' | 'block'

/** What is done about the texts of one operation's replies. */
export interface ContentPlan {
  readonly trust: Trust
  readonly mode: ContentMode
  /** `observe` of the whole control goes before the mode of the rule. */
  readonly control: Mode
  /** Name under `source` in `Context-Trust`: the operation. */
  readonly source: string
  /** Hosts that pictures and links may name. */
  readonly hosts: readonly string[]
  /** Replies are always sent in the envelope. */
  readonly envelope: boolean
  /** Bytes of a reply that is read whole. */
  readonly maxBytes: number
}
