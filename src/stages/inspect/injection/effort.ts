/** Work that scans have done beside what the engine counts: characters that were passed over once more. */
export interface Effort {
  spent: number
}

/** One for the process: scans are synchronous, and take the difference. */
export const effort: Effort = { spent: 0 }
