/** What a kept call needs for its spans beside its entry. */
export interface Traced {
  /** Span id of the caller, where its `traceparent` is of this trace. */
  readonly parent: string | undefined
  /** Host and port the caller asked for. */
  readonly authority: string
}
