import { featuresAt, maxFeatures } from './features.ts'
import type { Tokens } from './tokens.ts'

/** A trained model: a weight for each hashed feature, and what its scores mean. */
export interface LinearModel {
  /** 2^17 weights. */
  readonly weights: Int8Array
  /** Taken from each token's sum, so that a text that says nothing scores nothing. */
  readonly drift: number
  /**
   * Taken from the best score for each doubling of the text: a longer text has more chances to look like an instruction by
   * accident. Counts up to 768 tokens, so that an attacker gains little by padding.
   */
  readonly lengthCost: number
  /** Score at which 1 % of benign documents would be flagged. */
  readonly flagAt: number
  /** Score at which 0.1 % would. */
  readonly sureAt: number
  /** Logistic calibration: `risk = 1 / (1 + exp(-(slope * score + offset)))`. */
  readonly slope: number
  readonly offset: number
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
/** Tokens beyond which length costs nothing more. */
const longestCounted = 768

/**
 * The contiguous run of tokens whose summed weights are highest (Kadane's algorithm): the score of the best segment is the
 * score of the text, so that the text around an instruction cannot dilute it. Linear.
 */
export function scoreSegments(
  model: Pick<LinearModel, 'weights' | 'drift' | 'lengthCost'>,
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
  best.score -= model.lengthCost * Math.log2(1 + Math.min(tokens.count, longestCounted) / 64)
}

/** The calibrated probability that a text of this score holds an instruction. */
export function riskOf(model: Pick<LinearModel, 'slope' | 'offset'>, score: number): number {
  return 1 / (1 + Math.exp(-(model.slope * score + model.offset)))
}
