/** What was taken out of texts, by kind; the kinds are the keys of `Context-Sanitized`. */
export const sanitisedKinds = [
  'invisible',
  'control',
  'chat-template',
  'html-comment',
  'html-hidden',
  'md-comment',
  'md-image',
  'md-link',
] as const

export type SanitisedKind = (typeof sanitisedKinds)[number]

/** A text without what nobody sees, and what was in there. */
export class Sanitised {
  text: string
  readonly counts: Map<SanitisedKind, number> = new Map()
  /** What the hidden parts say, decoded where they encode something: scored like any other text. */
  readonly hidden: string[] = []
  /** True where invisible characters spelled out a text: nobody does that by chance. */
  payload = false

  constructor(text: string) {
    this.text = text
  }

  count(kind: SanitisedKind, by = 1): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + by)
  }

  hide(text: string): void {
    if (text.length > 3 && this.hidden.length < 32) this.hidden.push(text)
  }
}
