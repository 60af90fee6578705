/** What one call asks about: may this subject do this with each of these objects? */
export interface Question {
  readonly subject: {
    readonly type: string
    readonly id: string
    /** The issuer's name in the configuration. */
    readonly issuer: string
  }
  /** AuthZEN: the action; OpenFGA: the relation. */
  readonly action: string
  /** Type of the objects. */
  readonly type: string
  /** At most as many as the decision point takes at once. */
  readonly ids: readonly string[]
  readonly context: Readonly<Record<string, unknown>> | undefined
  /** Ties the question to the call in the logs of both. */
  readonly requestId: string
}

/** `undecided`: the decision point could not tell, for this object. */
export type Decision = 'allow' | 'deny' | 'undecided'

/** An external decision point. */
export interface DecisionPoint {
  /** Objects in one question. */
  readonly batch: number
  /** True where it can be asked about an object, or a subject, of this name at all. */
  canName(id: string): boolean
  /** One decision for each id, in their order. Rejects with `OutboundError` where there is no clear answer in time. */
  decide(question: Question, timeoutMs: number): Promise<readonly Decision[]>
}
