import { featureBits } from '../../src/stages/screen/context/detect/features.ts'
import type { TrainingDocument } from './documents.ts'
import { createRandom } from './random.ts'

/** Weights in logits, before they are rounded to bytes. */
export interface FittedWeights {
  readonly weights: Float64Array
  readonly drift: number
}

/** Orders of the documents that are tried; their weights are averaged, since each order finds other segments. */
const runs = 8
const epochs = 8
/** Epochs at the end of a run whose weights are averaged. */
const averagedEpochs = 4
/** Steps of AdaGrad, and the pull towards zero. */
const rate = 0.25
const decay = 2e-4
/** What each token costs: a text that says nothing falls back to nothing. */
const drift = 0.12
/** Logit of a text of score 0. */
const bias = -3
const longestSegment = 64
/** How far one word may count where only one source of attacks vouches for it: what is peculiar to a source is no evidence elsewhere. */
const loneWeight = 0.35
const mostWeight = 2.4

/**
 * Fits the linear model to the way it is used: the score of a document is that of its best segment, so the gradient goes to
 * the best segment alone (a latent-variable logistic regression with AdaGrad). Deterministic.
 */
export function fit(documents: readonly TrainingDocument[]): FittedWeights {
  const size = 2 ** featureBits
  const limits = limitsOf(documents, size)
  const importance = importanceOf(documents)
  const mean = new Float64Array(size)
  for (let run = 0; run < runs; run++) {
    const weights = fitOnce(documents, limits, importance, createRandom(7 + run))
    for (let f = 0; f < size; f++) mean[f] = (mean[f] as number) + (weights[f] as number) / runs
  }
  return { weights: mean, drift }
}

function fitOnce(
  documents: readonly TrainingDocument[],
  limits: Float64Array,
  importance: Float64Array,
  random: () => number,
): Float64Array {
  const size = limits.length
  const weights = new Float64Array(size)
  const history = new Float64Array(size)
  const sums = new Float64Array(size)
  const order = documents.map((_, i) => i)
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random)
    for (const n of order) {
      const document = documents[n] as TrainingDocument
      const { score, from, to } = bestSegment(document, weights)
      if (to < from) continue
      const sign = document.attack ? 1 : -1
      const gradient = (sign * (importance[n] as number)) / (1 + Math.exp(sign * (score + bias)))
      if (Math.abs(gradient) < 1e-4) continue
      const { features, offsets } = document
      const last = offsets[to + 1] as number
      for (let k = offsets[from] as number; k < last; k++) {
        const f = features[k] as number
        const limit = limits[f] as number
        if (limit === 0) continue
        const step = gradient - decay * (weights[f] as number)
        const seen = (history[f] as number) + step * step
        history[f] = seen
        const next = (weights[f] as number) + (rate * step) / Math.sqrt(seen + 1e-2)
        weights[f] = Math.max(-mostWeight, Math.min(limit, next))
      }
    }
    if (epoch >= epochs - averagedEpochs)
      for (let f = 0; f < size; f++) sums[f] = (sums[f] as number) + (weights[f] as number) / averagedEpochs
  }
  return sums
}

/** The run of tokens with the highest score; an attack of which nothing is known yet is taken as a whole. */
function bestSegment(
  { attack, features, offsets }: TrainingDocument,
  weights: Float64Array,
): { readonly score: number; readonly from: number; readonly to: number } {
  const count = offsets.length - 1
  let [best, bestFrom, bestTo, sum, start] = [0, 0, -1, 0, 0]
  for (let i = 0; i < count; i++) {
    let own = -drift
    const end = offsets[i + 1] as number
    for (let k = offsets[i] as number; k < end; k++) own += weights[features[k] as number] as number
    if (sum <= 0 || i - start >= longestSegment) {
      sum = 0
      start = i
    }
    sum += own
    if (sum > best) [best, bestFrom, bestTo] = [sum, start, i]
  }
  if (attack && bestTo < 0) return { score: 0, from: 0, to: Math.min(count, 40) - 1 }
  return { score: best, from: bestFrom, to: bestTo }
}

/** How far each feature may count for an attack: nothing if it was seen once, little if in one source alone. */
function limitsOf(documents: readonly TrainingDocument[], size: number): Float64Array {
  const names = [...new Set(documents.map(({ source }) => source))]
  const first = new Int16Array(size).fill(-1)
  const several = new Uint8Array(size)
  const seen = new Int32Array(size)
  for (const document of documents) {
    const name = names.indexOf(document.source)
    for (const f of new Set(document.features)) {
      seen[f] = (seen[f] as number) + 1
      if (!document.attack) continue
      if (first[f] === -1) first[f] = name
      else if (first[f] !== name) several[f] = 1
    }
  }
  return Float64Array.from(seen, (count, f) => (count < 2 ? 0 : several[f] === 1 ? mostWeight : loneWeight))
}

/** Sources and categories weigh alike, however many rows they have; both classes weigh alike. */
function importanceOf(documents: readonly TrainingDocument[]): Float64Array {
  const key = ({ source, attack, row }: TrainingDocument): string => `${source} ${row.category} ${attack}`
  const counts = new Map<string, number>()
  for (const document of documents) counts.set(key(document), (counts.get(key(document)) ?? 0) + 1)
  const raw = documents.map((document) => (counts.get(key(document)) as number) ** -0.5)
  const total = { true: 0, false: 0 }
  documents.forEach(({ attack }, i) => {
    total[`${attack}`] += raw[i] as number
  })
  const half = documents.length / 2
  return Float64Array.from(documents, ({ attack }, i) => ((raw[i] as number) * half) / total[`${attack}`])
}

function shuffle(order: number[], random: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const k = Math.floor(random() * (i + 1))
    const kept = order[i] as number
    order[i] = order[k] as number
    order[k] = kept
  }
}
