import { errors } from 'oidc-provider'

/** The record store did not answer: nothing is issued, nothing is said to be done (503, `temporarily_unavailable`). */
export class StoreUnavailable extends errors.OIDCProviderError {
  constructor(cause: unknown) {
    super(503, 'temporarily_unavailable')
    this.cause = cause
    // Told as it is: without it the caller would be told of a programming mistake.
    this.expose = true
    this.allow_redirect = false
    this.error_description = 'try again later'
  }
}

/** Turns what a store throws into `StoreUnavailable`; errors of the protocol pass. */
export async function reachStore<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof errors.OIDCProviderError) throw error
    throw new StoreUnavailable(error)
  }
}
