/** The probe ends early: what was found until then counts. */
export class ProbeStopped extends Error {
  readonly reason: 'requests' | 'seconds' | 'interrupted' | 'unreachable'

  constructor(reason: ProbeStopped['reason']) {
    super(reason)
    this.name = 'ProbeStopped'
    this.reason = reason
  }
}
