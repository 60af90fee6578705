import { featuresAt, maxFeatures } from '../../src/stages/screen/context/detect/features.ts'
import { Classes } from '../../src/stages/screen/context/detect/lexicon.ts'
import { sanitise } from '../../src/stages/screen/context/detect/sanitise.ts'
import { Tokens, tokenize } from '../../src/stages/screen/context/detect/tokens.ts'
import { type ContextRow, mayTrain, sourceOf } from './rows.ts'

/** A text as the trainer sees it: the features of each token. */
export interface TrainingDocument {
  readonly row: ContextRow
  readonly source: string
  readonly attack: boolean
  /** Feature numbers, token by token. */
  readonly features: Int32Array
  /** Where each token's features begin; one more than there are tokens. */
  readonly offsets: Int32Array
}

const tokens = new Tokens()
const classes = new Classes()
const noHosts = { hosts: [], links: false }

/** Suites that are only measured: derived disguises, direct prompts, documents that are instructions on purpose. */
const apart = new Set(['hidden_text', 'direct_prompts', 'agent_instruction_files', 'llmguard_tests'])

const made = new WeakMap<ContextRow, readonly TrainingDocument[]>()

/** What a model learns from. An attack teaches with its injected part, and with what stands around it as honest text. */
export function trainingDocuments(rows: readonly ContextRow[]): TrainingDocument[] {
  return rows.flatMap((row) => {
    const known = made.get(row) ?? documentsOf(row)
    made.set(row, known)
    return known
  })
}

function documentsOf(row: ContextRow): TrainingDocument[] {
  const source = sourceOf(row)
  if (!mayTrain(row) || apart.has(source) || (row.label !== 'attack' && row.label !== 'benign')) return []
  if (row.label_strength === 'weak' || row.quotes_attack === true) return []
  if (row.label === 'benign') return [documentOf(row, row.text, false)]
  const at = row.injected === undefined ? -1 : row.text.indexOf(row.injected)
  if (row.injected === undefined || at < 0) return [documentOf(row, row.text, true)]
  const before = row.text.slice(0, at)
  const after = row.text.slice(at + row.injected.length)
  return [
    documentOf(row, row.injected, true),
    ...[before, after].filter((part) => part.length > 80).map((part) => documentOf(row, part, false)),
  ]
}

function documentOf(row: ContextRow, text: string, attack: boolean): TrainingDocument {
  tokenize(sanitise(text, noHosts)?.text ?? text, tokens)
  classes.read(tokens)
  const out = new Int32Array(maxFeatures)
  const features: number[] = []
  const offsets = new Int32Array(tokens.count + 1)
  for (let i = 0; i < tokens.count; i++) {
    const count = featuresAt(tokens, i, classes.bits, out)
    for (let k = 0; k < count; k++) features.push(out[k] as number)
    offsets[i + 1] = features.length
  }
  return { row, source: sourceOf(row), attack, features: Int32Array.from(features), offsets }
}
