import { readFileSync } from 'node:fs'
import { featureBits } from './features.ts'
import type { LinearModel } from './linear-model.ts'

/** What stands in the model's first line, JSON; the weights follow, one byte each. */
export interface ModelHeader extends Omit<LinearModel, 'weights'> {
  readonly format: 2
  /** SHA-256 of the weights, hex. */
  readonly digest: string
  /** Documents it learned from. */
  readonly documents: number
}

/** Serialises a model: the same model is the same bytes. */
export function writeModel(header: ModelHeader, weights: Int8Array): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), Buffer.from(weights.buffer)])
}

/** Reads a model. Throws where it is none, or none for these features. */
export function readModel(bytes: Uint8Array): LinearModel & { readonly header: ModelHeader } {
  const end = bytes.indexOf(0x0a)
  if (end < 0) throw new Error('not a model')
  const header = JSON.parse(Buffer.from(bytes.subarray(0, end)).toString()) as ModelHeader
  const weights = new Int8Array(bytes.subarray(end + 1))
  if (header.format !== 2 || weights.length !== 2 ** featureBits)
    throw new Error('not a model of this version')
  const { drift, lengthCost, shortCost, flagAt, sureAt } = header
  if (!(sureAt > flagAt)) throw new Error('not a model: thresholds out of order')
  return { weights, drift, lengthCost, shortCost, flagAt, sureAt, header }
}

/** The model that ships with the package. */
export function loadModel(): LinearModel & { readonly header: ModelHeader } {
  return readModel(readFileSync(new URL('./model.bin', import.meta.url)))
}
