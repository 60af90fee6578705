import type { LinearModel } from '../../src/stages/screen/context/detect/linear-model.ts'
import type { FittedWeights } from './fit.ts'

/** Bytes of one logit. */
const scale = 48

/** The fitted weights as bytes; the scores are `scale` times logits. Without thresholds, which calibration finds. */
export function quantise({
  weights,
  drift,
}: FittedWeights): Pick<LinearModel, 'weights' | 'drift' | 'lengthCost' | 'shortCost'> {
  return {
    weights: Int8Array.from(weights, (weight) => Math.max(-127, Math.min(127, Math.round(weight * scale)))),
    drift: Math.round(drift * scale),
    lengthCost: 32,
    shortCost: 120,
  }
}
