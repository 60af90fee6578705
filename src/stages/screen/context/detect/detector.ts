import { riskOf } from './linear-model.ts'
import { loadModel, readModel } from './load-model.ts'
import { type SuspectSegment, scanText } from './scan-text.ts'
import type { HostList } from './strip-markdown.ts'

/** Something in a text that points to an instruction, or that nobody sees. */
export interface TextFinding {
  /** Public id (`Context-Risk`): `inv-1`, `ovr-1`, `lin`, … */
  readonly rule: string
  readonly kind: 'invisible' | 'markup' | 'control' | 'rule' | 'model'
  /** UTF-16 offsets in the given text; both 0 where it has no one place. */
  readonly start: number
  readonly end: number
  /** 0 to 1. */
  readonly score: number
  /** A class that nobody writes by chance: it may block by itself. */
  readonly deterministic: boolean
}

/** What a text turned out to be. */
export interface TextVerdict {
  readonly findings: readonly TextFinding[]
  /** 0 to 1: the highest of its parts. */
  readonly risk: number
  /** The text without what nobody sees; undefined where there is nothing of the kind. */
  readonly sanitised: string | undefined
  /** What was taken out, by the keys of `Context-Sanitized`. */
  readonly removed: Readonly<Record<string, number>>
  /** Not all of it was read. */
  readonly partial: boolean
}

export interface ScanOptions {
  readonly kind?: 'plain' | 'html' | 'markdown'
  /** Hosts that pictures and links may name, lower-case; `*.example.com` stands for every name below it. */
  readonly allowedHosts?: ReadonlySet<string> | undefined
}

/** Judges single texts. Synchronous, linear, without memory of the texts before. */
export interface ContextDetector {
  scan(text: string, options?: ScanOptions): TextVerdict
}

export interface ContextDetectorOptions {
  /** Risk from which the model flags; by default where 1 % of benign documents would be. */
  readonly threshold?: number
  /** Bytes of a trained model; by default the one that ships. */
  readonly model?: Uint8Array
}

/** Characters of one text that are read. */
const mostChars = 262_144
const ruleScore = 0.9
const noFindings: TextVerdict['findings'] = Object.freeze([])
const nothingRemoved: TextVerdict['removed'] = Object.freeze({})
const nowhere: SuspectSegment = Object.freeze({ from: 0, to: 0 })
const certainKinds: ReadonlyMap<string, TextFinding['kind']> = new Map([
  ['inv-1', 'invisible'],
  ['ctl-1', 'control'],
])
const noHosts: HostList = { hosts: [], links: false }

/** Builds a detector. Throws where the model is none. */
export function createContextDetector(options: ContextDetectorOptions = {}): ContextDetector {
  const read = options.model === undefined ? loadModel() : readModel(options.model)
  const { threshold } = options
  const flagAt =
    threshold === undefined
      ? read.flagAt
      : (Math.log(threshold / (1 - threshold)) - read.offset) / Math.max(read.slope, 1e-9)
  const model = { ...read, flagAt }
  const lists = new WeakMap<ReadonlySet<string>, HostList>()
  const listOf = (allowed: ReadonlySet<string> | undefined): HostList => {
    if (allowed === undefined) return noHosts
    let list = lists.get(allowed)
    if (list === undefined) {
      list = { hosts: [...allowed], links: false }
      lists.set(allowed, list)
    }
    return list
  }
  return {
    scan(text, { allowedHosts } = {}) {
      const partial = text.length > mostChars
      const seen = partial ? text.slice(0, mostChars) : text
      const { sanitised, score, rules, segments } = scanText(seen, { model, hosts: listOf(allowedHosts) })
      const risk = riskOf(model, score)
      const suspect = score >= model.flagAt
      if (sanitised === undefined && rules.length === 0 && !suspect)
        return { findings: noFindings, risk, sanitised: undefined, removed: nothingRemoved, partial }
      const findings: TextFinding[] = []
      const left = [...segments]
      const clamp = (at: number): number => Math.min(at, text.length)
      for (const rule of rules) {
        const kind = certainKinds.get(rule)
        const { from, to } = kind === undefined ? (left.shift() ?? nowhere) : nowhere
        const certain = kind !== undefined
        findings.push({
          rule,
          kind: kind ?? 'rule',
          start: clamp(from),
          end: clamp(to),
          score: certain ? 1 : ruleScore,
          deterministic: certain,
        })
      }
      if (suspect && left.length === 0) left.push(nowhere)
      if (suspect)
        for (const { from, to } of left)
          findings.push({
            rule: 'lin',
            kind: 'model',
            start: clamp(from),
            end: clamp(to),
            score: risk,
            deterministic: false,
          })
      return {
        findings,
        risk: findings.reduce((most, { score: one }) => Math.max(most, one), risk),
        sanitised:
          sanitised === undefined ? undefined : sanitised.text + (partial ? text.slice(mostChars) : ''),
        removed: sanitised === undefined ? nothingRemoved : Object.fromEntries(sanitised.counts),
        partial,
      }
    },
  }
}
