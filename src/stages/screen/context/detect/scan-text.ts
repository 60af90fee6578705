import { type DecodedView, decodeViews } from './decode-views.ts'
import { Classes } from './lexicon.ts'
import { type LinearModel, type Segment, scoreSegments } from './linear-model.ts'
import { matchRules } from './rules.ts'
import { Sanitised } from './sanitised.ts'
import { stripControls, stripTemplateTokens } from './strip-control.ts'
import { type HostList, stripMarkdown } from './strip-markdown.ts'
import { stripMarkup } from './strip-markup.ts'
import { stripUnseen } from './strip-unseen.ts'
import { Tokens, tokenize } from './tokens.ts'

/** A part of a text that looks like an instruction. Offsets are into the sanitised text. */
export interface SuspectSegment {
  readonly from: number
  readonly to: number
}

/** What one text turned out to be. Holds no text but the sanitised one. */
export interface TextVerdict {
  /** Undefined where nothing had to be taken out. */
  readonly sanitised: Sanitised | undefined
  /** Highest score of a segment, hidden and decoded parts among them. */
  readonly score: number
  /** Ids of the rules that hold. */
  readonly rules: readonly string[]
  /** Parts to be replaced where the mode is `redact`; empty where nothing is flagged. */
  readonly segments: readonly SuspectSegment[]
}

/** What in a text makes the walk through the strippers necessary: anything but plain prose in ASCII. */
const odd = /[^\t\n\r\x20-\x3b=\x3e-\x5a\\^-~]|\]\(|\]:/

const tokens = new Tokens()
const viewTokens = new Tokens()
const classes = new Classes()
const viewClasses = new Classes()
const best: Segment = { score: 0, from: 0, to: -1 }

export interface ScanOptions {
  readonly model: LinearModel
  readonly hosts: HostList
}

/** Takes out of a text what cannot be seen. Undefined where there is nothing of the kind. */
export function sanitise(text: string, hosts: HostList): Sanitised | undefined {
  if (!odd.test(text)) return undefined
  const sanitised = new Sanitised(text)
  stripControls(sanitised)
  stripUnseen(sanitised)
  stripTemplateTokens(sanitised)
  stripMarkup(sanitised)
  stripMarkdown(sanitised, hosts)
  return sanitised.counts.size === 0 ? undefined : sanitised
}

/** L1 to L3 on one text: what is hidden comes out, rules and model judge what is left and what was hidden. Linear. */
export function scanText(text: string, options: ScanOptions): TextVerdict {
  const { model, hosts } = options
  const sanitised = sanitise(text, hosts)
  const seen = sanitised?.text ?? text
  const rules = new Set<string>()
  const segments: SuspectSegment[] = []
  if (sanitised?.payload === true) rules.add('inv-1')
  if (sanitised?.counts.has('chat-template') === true) rules.add('ctl-1')
  let score = judge(seen, model, rules, segments)
  for (const hidden of sanitised?.hidden ?? [])
    score = Math.max(score, judgeView({ text: hidden, from: 0, to: 0 }, model, rules, segments))
  for (const view of decodeViews(seen, tokens, classes.any))
    score = Math.max(score, judgeView(view, model, rules, segments))
  return { sanitised, score, rules: [...rules], segments }
}

/** The visible text; leaves its words in `tokens` and `classes`. */
function judge(text: string, model: LinearModel, rules: Set<string>, segments: SuspectSegment[]): number {
  tokenize(text, tokens)
  classes.read(tokens)
  const hits = matchRules(tokens, classes.bits, classes.any)
  scoreSegments(model, tokens, classes.bits, best)
  if (hits !== undefined)
    for (const hit of hits) {
      rules.add(hit.rule)
      segments.push(spanOf(text, hit.from, hit.to))
    }
  if (best.score >= model.flagAt) segments.push(spanOf(text, best.from, best.to))
  return best.score
}

/** Another reading: the whole part it was made of is suspect where the reading is. */
function judgeView(
  view: DecodedView,
  model: LinearModel,
  rules: Set<string>,
  segments: SuspectSegment[],
): number {
  tokenize(view.text, viewTokens)
  viewClasses.read(viewTokens)
  const hits = matchRules(viewTokens, viewClasses.bits, viewClasses.any)
  scoreSegments(model, viewTokens, viewClasses.bits, best)
  for (const hit of hits ?? []) rules.add(hit.rule)
  if ((hits !== undefined || best.score >= model.flagAt) && view.to > view.from)
    segments.push({ from: view.from, to: view.to })
  return best.score
}

/** A run of tokens as a span of the text, drawn out to the ends of its first and last sentence. */
function spanOf(text: string, first: number, last: number): SuspectSegment {
  let from = tokens.starts[first] ?? 0
  let to = tokens.ends[last] ?? text.length
  for (let steps = 0; from > 0 && steps < 240 && !isEnd(text, from - 1); steps++) from--
  for (let steps = 0; to < text.length && steps < 240 && !isEnd(text, to); steps++) to++
  if (to < text.length && text[to] !== '\n') to++
  return { from, to }
}

function isEnd(text: string, at: number): boolean {
  const sign = text[at]
  if (sign === '\n') return true
  if (sign !== '.' && sign !== '!' && sign !== '?' && sign !== '\u3002') return false
  const next = text[at + 1]
  return next === undefined || next === ' ' || next === '\n' || sign === '\u3002'
}
