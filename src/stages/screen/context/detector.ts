import { riskOf } from './detect/linear-model.ts'
import { loadModel } from './detect/load-model.ts'
import { type SuspectSegment, scanText } from './detect/scan-text.ts'
import type { HostList } from './detect/strip-markdown.ts'

/** Something in a text that points to an instruction. */
export interface TextFinding {
  readonly rule: string
  readonly kind: 'invisible' | 'markup' | 'control' | 'rule' | 'model' | 'external'
  /** UTF-16 offsets into the text; both 0 where it is in no part that can be seen. */
  readonly start: number
  readonly end: number
  /** 0 to 1. */
  readonly score: number
  /** A class that nobody writes by chance: it may refuse by itself. */
  readonly deterministic: boolean
}

/** What a text turned out to be. */
export interface TextVerdict {
  readonly findings: readonly TextFinding[]
  /** 0 to 1. */
  readonly risk: number
  /** The text without what nobody sees; undefined where there is nothing of the kind. */
  readonly sanitised: string | undefined
  /** What was taken out, by kind. */
  readonly removed: Readonly<Record<string, number>>
  /** Not all of it was read. */
  readonly partial: boolean
}

export interface ScanOptions {
  readonly kind?: 'plain' | 'html' | 'markdown'
  /** Hosts that pictures may name, lower-case; `*.example.com` stands for every name below it. */
  readonly allowedHosts?: ReadonlySet<string> | undefined
}

/** Judges single texts. Synchronous, linear, and without memory of the texts before. */
export interface ContextDetector {
  scan(text: string, options?: ScanOptions): TextVerdict
}

/** Characters of one text that are read. */
const mostChars = 262_144
/** From here on a score counts as strong. */
const strong = 0.8
const none: TextVerdict['findings'] = Object.freeze([])
const nothingRemoved: TextVerdict['removed'] = Object.freeze({})
const nowhere: SuspectSegment = Object.freeze({ from: 0, to: 0 })
const certainKinds: ReadonlyMap<string, TextFinding['kind']> = new Map([
  ['inv-1', 'invisible'],
  ['ctl-1', 'control'],
])

/** Builds the detector with the model that ships with the package. */
export function createContextDetector(): ContextDetector {
  const model = loadModel()
  const lists = new WeakMap<ReadonlySet<string>, HostList>()
  const noHosts: HostList = { hosts: [], links: false }
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
    scan(text, options) {
      const partial = text.length > mostChars
      const { sanitised, score, rules, segments } = scanText(partial ? text.slice(0, mostChars) : text, {
        model,
        hosts: listOf(options?.allowedHosts),
      })
      const risk = riskOf(model, score)
      const suspect = score >= model.flagAt
      if (sanitised === undefined && rules.length === 0 && !suspect)
        return { findings: none, risk, sanitised: undefined, removed: nothingRemoved, partial }
      const findings: TextFinding[] = []
      const left = [...segments]
      for (const rule of rules) {
        const kind = certainKinds.get(rule)
        const at = kind === undefined ? (left.shift() ?? nowhere) : nowhere
        findings.push({
          rule,
          kind: kind ?? 'rule',
          start: at.from,
          end: at.to,
          score: kind === undefined ? 0.9 : 1,
          deterministic: kind !== undefined,
        })
      }
      if (suspect && left.length === 0) left.push(nowhere)
      for (const at of left) {
        const sure = score >= model.sureAt
        findings.push({
          rule: suspect ? 'lin' : (rules.at(-1) ?? 'lin'),
          kind: suspect ? 'model' : 'rule',
          start: at.from,
          end: at.to,
          score: suspect ? (sure ? Math.max(risk, strong) : Math.min(risk, strong - 0.01)) : 0.9,
          deterministic: false,
        })
      }
      return {
        findings,
        risk: Math.max(risk, ...findings.map((finding) => finding.score)),
        sanitised:
          sanitised === undefined ? undefined : sanitised.text + (partial ? text.slice(mostChars) : ''),
        removed: sanitised === undefined ? nothingRemoved : Object.fromEntries(sanitised.counts),
        partial,
      }
    },
  }
}
