import type { Mode } from '../../../kernel/mode.ts'
import type { ExternalDetector } from './external/external-detector.ts'

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
  /** Hosts that pictures may name, lower-case; `*.example.com` stands for every name below it. */
  readonly hosts: ReadonlySet<string>
  /** Replies are always sent in the envelope; `json`: those that are JSON. */
  readonly envelope: boolean | 'json'
  /** Streams are read whole before a byte of them leaves. */
  readonly whole: boolean
  /** Bytes of a reply that is read whole. */
  readonly maxBytes: number
  /** Asked beside our own detector, about whole replies. */
  readonly external: ExternalDetector | undefined
}

/** True where texts come from people whom nobody vouches for. */
export function isForeign({ trust }: Pick<ContentPlan, 'trust'>): boolean {
  return trust === 'user-generated' || trust === 'external'
}

/** Texts that we or our own people wrote are taken at their word, unless something is to be done about them. */
export function isRead(plan: ContentPlan): boolean {
  return plan.control !== 'off' && (isForeign(plan) || plan.mode === 'redact' || plan.mode === 'block')
}

/** True where findings are only recorded. */
export function isWatched({ mode, control }: ContentPlan): boolean {
  return control === 'observe' || mode === 'observe'
}
