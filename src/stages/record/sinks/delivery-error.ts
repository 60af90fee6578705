/** Why a server did not take a batch. The message holds nothing of the batch. */
export class DeliveryError extends Error {
  /** `away`: it will take the batch once it is back. `refused`: it never will. */
  readonly kind: 'away' | 'refused'
  /** How long it asked to be left alone. */
  readonly waitMs: number

  constructor(kind: 'away' | 'refused', message: string, waitMs = 0) {
    super(message)
    this.name = 'DeliveryError'
    this.kind = kind
    this.waitMs = waitMs
  }
}

/** What a lane asks of an error of a sink that delivers. */
export const deliveryVerdicts = {
  isAway: (error: unknown): boolean => !(error instanceof DeliveryError) || error.kind === 'away',
  isRefused: (error: unknown): boolean => error instanceof DeliveryError && error.kind === 'refused',
  waitMs: (error: unknown): number => (error instanceof DeliveryError ? error.waitMs : 0),
} as const

/** Whether a status means "later" (OTLP specification, "Retryable response codes"; 408 and 500 are ours). */
const later: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

/** Throws unless the status is a success. */
export function assertTaken(status: number, retryAfterMs: number | undefined): void {
  if (status >= 200 && status < 300) return
  throw new DeliveryError(later.has(status) ? 'away' : 'refused', `answered ${status}`, retryAfterMs ?? 0)
}
