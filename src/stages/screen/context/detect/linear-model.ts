import { featuresAt, maxFeatures } from './features.ts'
import type { Tokens } from './tokens.ts'

/** A trained model: a weight for each hashed feature, and what its scores mean. */
export interface LinearModel {
  /** 2^17 weights. */
  readonly weights: Int8Array
  /** Taken from each token's sum, so that a text that says nothing scores nothing. */
  readonly drift: number
  /**
   * Taken from the best score for each doubling of the document: the more is read, the more looks like an instruction by
   * accident. Counts up to 64 Ki characters.
   */
  readonly lengthCost: number
  /**
   * Taken from a document that is next to nothing but one sentence: a request that stands alone is a request, one that stands in
   * a text about something else is planted.
   */
  readonly shortCost: number
  /** Score at which 1 % of calibration documents would be flagged: risk 0.5. */
  readonly flagAt: number
  /** Score at which 0.1 % would: risk 0.8. */
  readonly sureAt: number
}

/** The part of a text that looks most like an instruction: its score and its first and last token. */
export interface Segment {
  score: number
  from: number
  to: number
}

const features = new Int32Array(maxFeatures)
/** Tokens of a segment at most: evidence from further apart is not one instruction. */
const longestSegment = 64
/** Characters of a document that costs next to nothing, and beyond which length costs nothing more. */
const shortDocument = 384
const longestCounted = 65_536
/** Characters from which a text is more than one sentence. */
const loneText = 256

/**
 * The contiguous run of tokens whose summed weights are highest (Kadane's algorithm): the score of the best segment is the
 * score of the text before its length is counted, so that the text around an instruction cannot dilute it. Linear.
 */
export function scoreSegments(
  model: Pick<LinearModel, 'weights' | 'drift'>,
  tokens: Tokens,
  bits: Int32Array,
  best: Segment,
): void {
  const { weights, drift } = model
  best.score = 0
  best.from = 0
  best.to = -1
  let sum = 0
  let start = 0
  for (let i = 0; i < tokens.count; i++) {
    let own = -drift
    const count = featuresAt(tokens, i, bits, features)
    for (let k = 0; k < count; k++) own += weights[features[k] as number] as number
    if (sum <= 0 || i - start >= longestSegment) {
      sum = 0
      start = i
    }
    sum += own
    if (sum > best.score) {
      best.score = sum
      best.from = start
      best.to = i
    }
  }
}

/** What a document of so many characters takes from the scores of its segments. */
export function costOf(
  { lengthCost, shortCost }: Pick<LinearModel, 'lengthCost' | 'shortCost'>,
  length: number,
): number {
  return hiddenCostOf({ lengthCost }, length) + shortCost * Math.max(0, 1 - length / loneText)
}

/** What is taken from the score of a hidden part of so many characters: nobody hides a request by chance, however short. */
export function hiddenCostOf({ lengthCost }: Pick<LinearModel, 'lengthCost'>, length: number): number {
  return lengthCost * Math.log2(1 + Math.min(length, longestCounted) / shortDocument)
}

/** Risk of a score, 0 to 1: 0.5 where 1 % of calibration documents would be flagged, 0.8 where 0.1 % would (logistic between). */
export function riskOf({ flagAt, sureAt }: Pick<LinearModel, 'flagAt' | 'sureAt'>, score: number): number {
  return 1 / (1 + Math.exp((-Math.log(4) * (score - flagAt)) / (sureAt - flagAt)))
}

/** The score that has this risk. */
export function scoreOfRisk(
  { flagAt, sureAt }: Pick<LinearModel, 'flagAt' | 'sureAt'>,
  risk: number,
): number {
  return flagAt + (Math.log(risk / (1 - risk)) * (sureAt - flagAt)) / Math.log(4)
}
