/** What another detector says of some texts. */
export interface ExternalVerdict {
  /** For each text: holds an instruction. */
  readonly flagged: readonly boolean[]
  /** True where not all texts could be sent. */
  readonly partial: boolean
}

/** Another detector, behind HTTP. */
export interface ExternalDetector {
  /** Name in the configuration; its rule id is `ext-NAME`. */
  readonly name: string
  /** What a fault means: `closed` refuses the reply, `open` goes on without it, which is counted. */
  readonly onFault: 'open' | 'closed'
  /** Judges texts within its deadline. Rejects where there is no answer that can be read. */
  judge(texts: readonly string[], requestId: string): Promise<ExternalVerdict>
}
