/** Told by a store of another process how it fares: faults are counted, a loss and its end are said once. */
export interface StoreWatch {
  /** It answered. Cheap: called for every answer. */
  works(): void
  /** It did not answer, or answered that it cannot. `reason` holds no secret. */
  failed(reason: string): void
}

/** For who does not want to know. */
export const unwatched: StoreWatch = { works: () => undefined, failed: () => undefined }
