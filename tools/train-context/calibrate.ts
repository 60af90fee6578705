import { costOf, type LinearModel } from '../../src/stages/screen/context/detect/linear-model.ts'
import { scanText } from '../../src/stages/screen/context/detect/scan-text.ts'
import { trainingDocuments } from './documents.ts'
import { fit } from './fit.ts'
import { distinct, withoutNearDuplicates } from './near-duplicates.ts'
import { quantise } from './quantise.ts'
import { createRandom } from './random.ts'
import { makeReplies } from './replies.ts'
import { type ContextRow, mayTrain, sourceOf } from './rows.ts'

const folds = 5
const replies = 4_000
const hosts = { hosts: [], links: false }
/** Suites whose benign rows are odd on purpose: they are no traffic to set a threshold on. */
const notTraffic = new Set(['hidden_text', 'llmguard_tests', 'wildguard_benign', 'agent_instruction_files'])

export interface Scored {
  readonly row: ContextRow
  /** Score of the best segment, before the length of the document is counted. */
  readonly raw: number
}

/** A model without thresholds: only its scores mean anything. */
export function trainOn(rows: readonly ContextRow[]): {
  readonly model: LinearModel
  readonly documents: number
} {
  const documents = trainingDocuments(rows)
  const bare = { flagAt: Number.MAX_VALUE / 4, sureAt: Number.MAX_VALUE / 2 }
  return { model: { ...quantise(fit(documents)), ...bare }, documents: documents.length }
}

/** Score of the best segment of a text, before its length is counted. */
function rawScore(model: LinearModel, text: string): number {
  return scanText(text, { model, hosts }).score + costOf(model, text.length)
}

/**
 * Scores of honest traffic by models that have read nothing of its source, nor near-duplicates of it: what a threshold is set by
 * was written by people whom the model does not know.
 */
export function crossScores(rows: readonly ContextRow[], say: (line: string) => void): Scored[] {
  const scored: Scored[] = []
  const traffic = distinct(rows.filter(isTraffic))
  const sources = [...new Set(traffic.map(sourceOf))].sort()
  for (let fold = 0; fold < folds; fold++) {
    const out = new Set(sources.filter((_, n) => n % folds === fold))
    if (out.size === 0) continue
    say(`calibration: without ${[...out].join(', ')}`)
    const held = rows.filter((row) => out.has(sourceOf(row)))
    const rest = withoutNearDuplicates(
      rows.filter((row) => !out.has(sourceOf(row))),
      held,
    )
    const { model } = trainOn(rest)
    for (const row of traffic)
      if (out.has(sourceOf(row))) scored.push({ row, raw: rawScore(model, row.text) })
  }
  return scored
}

/** True where a row is ordinary traffic by which a threshold is set; our own texts are made to be hard, and are none. */
export function isTraffic(row: ContextRow): boolean {
  return (
    row.label === 'benign' &&
    row.kind === 'document' &&
    mayTrain(row) &&
    row.quotes_attack !== true &&
    !row.suite.startsWith('own/') &&
    !notTraffic.has(sourceOf(row))
  )
}

/** Scores from which 1 % and 0.1 % of honest replies are flagged. */
export interface Calibration {
  readonly flagAt: number
  readonly sureAt: number
}

/** Sets the thresholds by replies of half a KB to 64 KB made of ordinary traffic. */
export function calibrate(
  scored: readonly Scored[],
  model: Pick<LinearModel, 'lengthCost' | 'shortCost'>,
): Calibration {
  const raw = new Map(scored.map((one) => [one.row, one.raw]))
  const scores = makeReplies([...raw.keys()], replies, createRandom(23)).map(
    ({ leaves, length }) =>
      leaves.reduce((most, row) => Math.max(most, raw.get(row) ?? 0), 0) - costOf(model, length),
  )
  const flagAt = Math.ceil(quantile(scores, 0.99)) + 1
  return { flagAt, sureAt: Math.max(flagAt + 16, Math.ceil(quantile(scores, 0.999)) + 1) }
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
