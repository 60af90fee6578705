import { wordClass } from './lexicon.ts'
import { addressToken, boundaryToken, type Tokens } from './tokens.ts'

/** A rule that fired: which, and between which tokens. */
export interface RuleHit {
  readonly rule: string
  readonly from: number
  readonly to: number
}

/** One step of a rule: a token with one of these classes, at most `within` words after the step before. */
interface Step {
  readonly any: number
  readonly within: number
}

interface Rule {
  readonly id: string
  readonly steps: readonly Step[]
  /** Classes without which the rule cannot hold: the prefilter. */
  readonly needs: readonly number[]
  /** Whether it may go on behind the end of a sentence. */
  readonly across?: true
  /** An address (`@`) must follow within so many words. */
  readonly address?: number
}

const c = wordClass

function rule(
  id: string,
  steps: readonly (readonly [any: number, within: number])[],
  more: Pick<Rule, 'across' | 'address'> = {},
): Rule {
  return {
    id,
    steps: steps.map(([any, within]) => ({ any, within })),
    needs: steps.map(([any]) => any),
    ...more,
  }
}

/**
 * At most ten shapes of instructions, over word classes instead of wording: linear by construction, and the same in every
 * language of the lexicon. Ids are public (`Context-Risk`).
 */
const rules: readonly Rule[] = [
  rule('ovr-1', [
    [c.ignore, 0],
    [c.prior, 4],
    [c.instruction, 5],
  ]),
  rule('ovr-1', [
    [c.ignore, 0],
    [c.instruction, 4],
    [c.prior, 4],
  ]),
  rule('ovr-1', [
    [c.ignore, 0],
    [c.you, 2],
    [c.prior, 2],
  ]),
  rule('ovr-1', [
    [c.prior, 0],
    [c.instruction, 4],
    [c.ignore, 5],
  ]),
  rule('ovr-2', [
    [c.you, 0],
    [c.fresh, 3],
    [c.instruction, 3],
    [c.urgent | c.output | c.send | c.now, 6],
  ]),
  rule('rol-1', [
    [c.you, 0],
    [c.now, 3],
    [c.free | c.role | c.system | c.model, 5],
  ]),
  rule('rol-1', [
    [c.role, 0],
    [c.free, 6],
  ]),
  rule('agt-1', [
    [c.urgent, 0],
    [c.you, 14],
    [c.model, 4],
    [c.you, 3],
  ]),
  rule('sys-1', [
    [c.output, 0],
    [c.you, 3],
    [c.system | c.prior, 4],
    [c.instruction, 3],
  ]),
  rule(
    'exf-1',
    [
      [c.send, 0],
      [c.secret, 8],
    ],
    { address: 14, across: true },
  ),
]

/** The rules that hold in a text; undefined where none does. `any` has the classes of all its words. */
export function matchRules(tokens: Tokens, bits: Int32Array, any: number): RuleHit[] | undefined {
  let hits: RuleHit[] | undefined
  for (const one of rules) {
    if (!one.needs.every((need) => (any & need) !== 0)) continue
    if (hits?.some((hit) => hit.rule === one.id) === true) continue
    const hit = find(one, tokens, bits)
    if (hit === undefined) continue
    if (hits === undefined) hits = [hit]
    else hits.push(hit)
  }
  return hits
}

function find(one: Rule, tokens: Tokens, bits: Int32Array): RuleHit | undefined {
  const first = one.steps[0] as Step
  for (let i = 0; i < tokens.count; i++) {
    if (((bits[i] as number) & first.any) === 0) continue
    const end = follow(one, tokens, bits, i)
    if (end >= 0) return { rule: one.id, from: i, to: end }
  }
  return undefined
}

/** Each step takes the first token that fits: bounded by the sum of the steps' distances. */
function follow(one: Rule, tokens: Tokens, bits: Int32Array, start: number): number {
  let at = start
  for (let n = 1; n < one.steps.length; n++) {
    const step = one.steps[n] as Step
    const next = seek(
      tokens,
      at + 1,
      step.within,
      one.across === true,
      (i) => ((bits[i] as number) & step.any) !== 0,
    )
    if (next < 0) return -1
    at = next
  }
  if (one.address === undefined) return at
  return seek(tokens, at + 1, one.address, true, (i) => tokens.hashes[i] === addressToken)
}

function seek(
  tokens: Tokens,
  from: number,
  within: number,
  across: boolean,
  fits: (i: number) => boolean,
): number {
  const end = Math.min(tokens.count, from + within)
  for (let i = from; i < end; i++) {
    if (!across && tokens.hashes[i] === boundaryToken) return -1
    if (fits(i)) return i
  }
  return -1
}
