import { createHash } from 'node:crypto'
import { type LinearModel, riskOf } from '../../src/stages/screen/context/detect/linear-model.ts'
import { scanText } from '../../src/stages/screen/context/detect/scan-text.ts'
import { trainingDocuments } from './documents.ts'
import { fit } from './fit.ts'
import { quantise } from './quantise.ts'
import { type ContextRow, mayTrain, sourceOf } from './rows.ts'

const folds = 3
const hosts = { hosts: [], links: false }
/** Suites whose benign rows are odd on purpose: they are no traffic to set a threshold on. */
const notTraffic = new Set(['hidden_text', 'llmguard_tests', 'wildguard_benign', 'agent_instruction_files'])

export interface Scored {
  readonly row: ContextRow
  readonly score: number
}

/** A model without thresholds: only its scores mean anything. */
export type Bare = LinearModel

export function trainOn(rows: readonly ContextRow[]): { readonly model: Bare; readonly documents: number } {
  const documents = trainingDocuments(rows)
  return {
    model: {
      ...quantise(fit(documents)),
      flagAt: Number.POSITIVE_INFINITY,
      sureAt: Number.POSITIVE_INFINITY,
      slope: 1,
      offset: 0,
    },
    documents: documents.length,
  }
}

export function scoreOf(model: LinearModel, text: string): number {
  return scanText(text, { model, hosts }).score
}

/** Which fold a family of near-duplicates is in: never in training and test at once. */
export function foldOf({ family }: Pick<ContextRow, 'family'>): number {
  return (createHash('sha256').update(family).digest()[0] ?? 0) % folds
}

/** Scores of rows by models that have not seen their families. */
export function crossScores(rows: readonly ContextRow[], say: (line: string) => void): Scored[] {
  const scored: Scored[] = []
  for (let fold = 0; fold < folds; fold++) {
    say(`calibration: fold ${fold + 1} of ${folds}`)
    const { model } = trainOn(rows.filter((row) => foldOf(row) !== fold))
    for (const row of rows)
      if (foldOf(row) === fold && (row.label === 'attack' || row.label === 'benign'))
        scored.push({ row, score: scoreOf(model, row.text) })
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

export interface Calibration {
  readonly flagAt: number
  readonly sureAt: number
  readonly slope: number
  readonly offset: number
}

/** Thresholds at 1 % and 0.1 % of benign documents, and the logistic curve from score to risk. */
export function calibrate(scored: readonly Scored[]): Calibration {
  const benign = scored.filter(({ row }) => isTraffic(row)).map(({ score }) => score)
  const attacks = scored
    .filter(({ row }) => row.label === 'attack' && mayTrain(row))
    .map(({ score }) => score)
  const flagAt = Math.ceil(quantile(benign, 0.99)) + 1
  return {
    flagAt,
    sureAt: Math.max(flagAt + 1, Math.ceil(quantile(benign, 0.999)) + 1),
    ...logistic(benign, attacks),
  }
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** Platt's logistic curve by Newton's method; both classes weigh alike. */
function logistic(benign: readonly number[], attacks: readonly number[]): { slope: number; offset: number } {
  let slope = 0.02
  let offset = -1
  for (let step = 0; step < 50; step++) {
    let [g0, g1, h00, h01, h11] = [0, 0, 1e-9, 0, 1e-9]
    for (const [values, target] of [
      [benign, 0],
      [attacks, 1],
    ] as const) {
      const weight = 1 / values.length
      for (const value of values) {
        const p = riskOf({ slope, offset }, value)
        const error = (target - p) * weight
        const curve = Math.max(p * (1 - p), 1e-6) * weight
        g0 += error
        g1 += error * value
        h00 += curve
        h01 += curve * value
        h11 += curve * value * value
      }
    }
    const determinant = h00 * h11 - h01 * h01
    if (determinant < 1e-12) break
    offset += (h11 * g0 - h01 * g1) / determinant
    slope += (h00 * g1 - h01 * g0) / determinant
  }
  return { slope: Number(slope.toFixed(6)), offset: Number(offset.toFixed(4)) }
}
