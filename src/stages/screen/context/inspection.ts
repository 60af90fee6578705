import { type LinearModel, riskOf } from './detect/linear-model.ts'
import { scanText, type TextVerdict } from './detect/scan-text.ts'
import type { HostList } from './detect/strip-markdown.ts'

/** Where in a reply something was found. Holds no text of it. */
export interface ContextFinding {
  /** JSON pointer; empty for a reply that is one text. */
  readonly pointer: string
  readonly rules: readonly string[]
  /** 0 to 1. */
  readonly risk: number
}

/** Classes that nobody writes by chance: they may refuse by themselves. */
const deterministic: ReadonlySet<string> = new Set(['inv-1', 'ctl-1'])
/** Findings of one reply that are kept. */
const mostFindings = 32

/** What is known of the texts of one reply while they are read one by one. */
export class Inspection {
  readonly findings: ContextFinding[] = []
  readonly rules: Set<string> = new Set()
  readonly removed: Map<string, number> = new Map()
  risk = 0
  flagged = false
  /** A deterministic class, or two independent strong signals: enough to refuse. */
  certain = false
  /** Not all of the reply was read. */
  partial = false
  readonly #model: LinearModel
  readonly #hosts: HostList

  constructor(model: LinearModel, hosts: HostList) {
    this.#model = model
    this.#hosts = hosts
  }

  /** Reads one text; returns what is known of it, undefined where there is nothing to say. */
  read(text: string, pointer: string): TextVerdict | undefined {
    const verdict = scanText(text, { model: this.#model, hosts: this.#hosts })
    const { score, rules, sanitised } = verdict
    if (sanitised !== undefined)
      for (const [kind, count] of sanitised.counts)
        this.removed.set(kind, (this.removed.get(kind) ?? 0) + count)
    const risk = rules.some((rule) => deterministic.has(rule))
      ? 1
      : Math.max(riskOf(this.#model, score), rules.length > 0 ? 0.9 : 0)
    if (risk > this.risk) this.risk = risk
    const suspect = rules.length > 0 || score >= this.#model.flagAt
    if (!suspect) return sanitised === undefined ? undefined : verdict
    this.flagged = true
    const named = score >= this.#model.flagAt ? [...rules, 'lin'] : rules
    for (const rule of named) this.rules.add(rule)
    if (rules.some((rule) => deterministic.has(rule)) || (rules.length > 0 && score >= this.#model.sureAt))
      this.certain = true
    if (this.findings.length < mostFindings) this.findings.push({ pointer, rules: named, risk })
    return verdict
  }
}
