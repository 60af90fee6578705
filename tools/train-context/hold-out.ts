import type { LinearModel } from '../../src/stages/screen/context/detect/linear-model.ts'
import { scanText } from '../../src/stages/screen/context/detect/scan-text.ts'
import { calibrate, crossScores, trainOn } from './calibrate.ts'
import { withoutNearDuplicates } from './near-duplicates.ts'
import { type ContextRow, sourceOf } from './rows.ts'

/** A model that has read nothing of one source, nor near-duplicates of it, and whose thresholds were set without it. */
export interface HeldOut {
  readonly source: string
  readonly model: LinearModel
  /** The source's rows. */
  readonly rows: readonly ContextRow[]
  /** Rows of other sources that were left out as near-duplicates. */
  readonly dropped: number
}

const quiet = (): void => {}

export function holdOut(all: readonly ContextRow[], source: string): HeldOut {
  const rows = all.filter((row) => sourceOf(row) === source)
  const others = all.filter((row) => sourceOf(row) !== source)
  const rest = withoutNearDuplicates(others, rows)
  const { model } = trainOn(rest)
  return {
    source,
    model: { ...model, ...calibrate(crossScores(rest, quiet), model) },
    rows,
    dropped: others.length - rest.length,
  }
}

const hosts = { hosts: [], links: false }

/** Score of a text, and whether a rule holds or something certain was found. */
export interface Judged {
  readonly score: number
  readonly rule: boolean
  readonly certain: boolean
}

export function judge(model: LinearModel, text: string, documentLength?: number): Judged {
  const { score, findings } = scanText(text, { model, hosts, documentLength })
  return {
    score,
    rule: findings.some(({ kind }) => kind === 'rule'),
    certain: findings.some(({ deterministic }) => deterministic),
  }
}

/** Flagged: by the model at its threshold, by a rule, or by what is certain. */
export function isFlagged(
  model: LinearModel,
  { score, rule, certain }: Judged,
  from: number = model.flagAt,
): boolean {
  return certain || rule || score >= from
}

/** What may refuse by the design: what is certain, or two independent strong signals. */
export function isRefused(model: LinearModel, { score, rule, certain }: Judged): boolean {
  return certain || (rule && score >= model.sureAt)
}
