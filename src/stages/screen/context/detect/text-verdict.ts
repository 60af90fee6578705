/** Something in a text that points to an instruction, or that nobody sees. */
export interface TextFinding {
  /** Public id (`Context-Risk`): `inv-1`, `ctl-1`, `htm-1`, `ovr-1`, …, and `lin` of the model. */
  readonly rule: string
  readonly kind: 'invisible' | 'markup' | 'control' | 'rule' | 'model'
  /** UTF-16 offsets in the given text. */
  readonly start: number
  readonly end: number
  /** 0 to 1; of the model 0.5 where 1 % of honest documents would be flagged, 0.8 where 0.1 % would. */
  readonly score: number
  /** A class that nobody writes by chance: it may block by itself. */
  readonly deterministic: boolean
}

/** What a text turned out to be. Holds nothing of it but the sanitised text. */
export interface TextVerdict {
  readonly findings: readonly TextFinding[]
  /** 0 to 1: the highest of its parts. */
  readonly risk: number
  /** The text without what nobody sees; undefined where there is nothing of the kind. Never longer than the text. */
  readonly sanitised: string | undefined
  /** What was taken out, by the keys of `Context-Sanitized`. */
  readonly removed: Readonly<Record<string, number>>
  /** Not all of it was read. */
  readonly partial: boolean
}
