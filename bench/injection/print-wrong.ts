import { payloadOf, sideOf } from './cases.ts'
import type { Decision } from './score.ts'

/** Prints attacks that passed and honest texts that were refused, of the open half of the families only. */
export function printWrong(decisions: readonly Decision[]): void {
  for (const { row, standing, carrier, refused, confidence } of decisions) {
    if (sideOf(row.family) === 'blind') continue
    const wrong = standing.kind === 'attack' ? !refused : standing.kind === 'benign' && refused
    if (!wrong) continue
    const what = standing.kind === 'attack' ? standing.class : standing.kind === 'benign' ? standing.set : ''
    const { id, family, suite } = row
    const text = payloadOf(row) ?? row.request
    process.stdout.write(`${JSON.stringify({ what, suite, family, id, carrier, confidence, text })}\n`)
  }
}
