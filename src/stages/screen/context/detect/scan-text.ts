import { type DecodedView, decodeViews } from './decode-views.ts'
import { Classes } from './lexicon.ts'
import {
  costOf,
  hiddenCostOf,
  type LinearModel,
  riskOf,
  type Segment,
  scoreSegments,
} from './linear-model.ts'
import { matchRules } from './rules.ts'
import { sanitise, type TextKind } from './sanitise.ts'
import type { Sanitised } from './sanitised.ts'
import type { HostList } from './strip-markdown.ts'
import type { TextFinding } from './text-verdict.ts'
import { Tokens, tokenize } from './tokens.ts'

/** What one text turned out to be. Holds no text but the sanitised one. */
export interface ScannedText {
  /** Undefined where nothing had to be taken out. */
  readonly sanitised: Sanitised | undefined
  /** Highest score of a segment, hidden and decoded parts among them. */
  readonly score: number
  readonly findings: readonly TextFinding[]
  readonly partial: boolean
}

export interface ScanTextOptions {
  readonly model: LinearModel
  readonly hosts: HostList
  readonly kind?: TextKind | undefined
  /** Score from which the model flags; its own `flagAt` by default. */
  readonly flagFrom?: number
  /** Characters of the document that the text is a part of; the text's own by default. */
  readonly documentLength?: number | undefined
}

/** Texts below this length hold no instruction; ids, names and dates are not read any further. */
const shortest = 8
/** What a rule that holds is worth. */
const ruleScore = 0.9
const noFindings: readonly TextFinding[] = Object.freeze([])

/** L1 to L3 on one text: what is hidden comes out, rules and model judge what is left and what was hidden. Linear. */
export function scanText(text: string, options: ScanTextOptions): ScannedText {
  const sanitised = sanitise(text, options.hosts, options.kind)
  if (sanitised === undefined && text.length < shortest)
    return { sanitised, score: Number.NEGATIVE_INFINITY, findings: noFindings, partial: false }
  const reader = new Reader(options, sanitised, Math.max(text.length, options.documentLength ?? 0))
  if (sanitised !== undefined) reader.hidden(sanitised)
  reader.visible(sanitised?.text ?? text)
  const { score, findings, partial } = reader
  return { sanitised, score, findings: findings ?? noFindings, partial }
}

const tokens = new Tokens()
const viewTokens = new Tokens()
const classes = new Classes()
const viewClasses = new Classes()
const best: Segment = { score: 0, from: 0, to: -1 }

/** Gathers what the readings of one text say. */
class Reader {
  score = Number.NEGATIVE_INFINITY
  findings: TextFinding[] | undefined
  partial: boolean
  readonly #model: LinearModel
  readonly #flagFrom: number
  readonly #cost: number
  readonly #sanitised: Sanitised | undefined

  constructor({ model, flagFrom }: ScanTextOptions, sanitised: Sanitised | undefined, length: number) {
    this.#cost = costOf(model, length)
    this.#model = model
    this.#flagFrom = flagFrom ?? model.flagAt
    this.#sanitised = sanitised
    this.partial = sanitised?.partial === true
  }

  /** What was taken out: certain where nobody writes it by chance, else read like any other text. */
  hidden({ payload, template, hidden }: Sanitised): void {
    if (payload !== undefined)
      this.#find({ rule: 'inv-1', kind: 'invisible', ...payload, score: 1, deterministic: true })
    if (template !== undefined)
      this.#find({ rule: 'ctl-1', kind: 'control', ...template, score: 1, deterministic: true })
    for (const { text, kind, start, end } of hidden)
      if (this.#reading(text, start, end, hiddenCostOf(this.#model, text.length)) && kind === 'markup')
        this.#find({ rule: 'htm-1', kind: 'markup', start, end, score: 0.5, deterministic: false })
  }

  /** What can be seen, and other readings of it. */
  visible(text: string): void {
    tokenize(text, tokens)
    classes.read(tokens)
    const hits = matchRules(tokens, classes.bits, classes.any)
    scoreSegments(this.#model, tokens, classes.bits, best)
    const { from, to } = best
    const score = best.score - this.#cost
    if (hits !== undefined)
      for (const { rule, from: first, to: last } of hits) this.#rule(rule, this.#spanOf(text, first, last))
    this.#scored(score, score >= this.#flagFrom ? this.#spanOf(text, from, to) : undefined)
    const decoded = decodeViews(text, tokens, classes.any)
    if (decoded.partial) this.partial = true
    for (const view of decoded.views) this.#view(view)
  }

  #view({ text, from, to }: DecodedView): void {
    const { start, end } = this.#sanitised?.spanOf(from, to) ?? { start: from, end: to }
    this.#reading(text, start, end, this.#cost)
  }

  /** Another reading of a part of the text: all of the part is suspect where the reading is. */
  #reading(text: string, start: number, end: number, cost: number): boolean {
    tokenize(text, viewTokens)
    viewClasses.read(viewTokens)
    const hits = matchRules(viewTokens, viewClasses.bits, viewClasses.any)
    scoreSegments(this.#model, viewTokens, viewClasses.bits, best)
    const score = best.score - cost
    const flagged = score >= this.#flagFrom
    for (const { rule } of hits ?? []) this.#rule(rule, { start, end })
    this.#scored(score, flagged ? { start, end } : undefined)
    return flagged || hits !== undefined
  }

  #rule(rule: string, span: Span): void {
    this.#find({ rule, kind: 'rule', ...span, score: ruleScore, deterministic: false })
  }

  #scored(score: number, span: Span | undefined): void {
    if (score > this.score) this.score = score
    if (span === undefined) return
    const risk = riskOf(this.#model, score)
    this.#find({ rule: 'lin', kind: 'model', ...span, score: risk, deterministic: false })
  }

  #find(finding: TextFinding): void {
    if (this.findings === undefined) this.findings = [finding]
    else if (this.findings.length < mostFindings) this.findings.push(finding)
  }

  /** A run of tokens as a span of the given text, drawn out to the ends of its first and last sentence. */
  #spanOf(text: string, first: number, last: number): Span {
    let from = tokens.starts[first] ?? 0
    let to = tokens.ends[last] ?? text.length
    for (let steps = 0; from > 0 && steps < reach && !isEnd(text, from - 1); steps++) from--
    while (text.charCodeAt(from) === 0x20 && from < to) from++
    for (let steps = 0; to < text.length && steps < reach && !isEnd(text, to); steps++) to++
    if (to < text.length && text[to] !== '\n') to++
    return this.#sanitised?.spanOf(from, to) ?? { start: from, end: to }
  }
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Findings of one text that are kept. */
const mostFindings = 32
/** How far a span is drawn out to the ends of sentences. */
const reach = 240

function isEnd(text: string, at: number): boolean {
  const sign = text[at]
  if (sign === '\n') return true
  if (sign !== '.' && sign !== '!' && sign !== '?' && sign !== '\u3002') return false
  const next = text[at + 1]
  return next === undefined || next === ' ' || next === '\n' || sign === '\u3002'
}
