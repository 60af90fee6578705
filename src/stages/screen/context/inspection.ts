import { isSuspect, type Signal, type TreatedText } from './treat-text.ts'

/** Where in a reply something was found. Holds no text of it. */
export interface ContextFinding {
  /** JSON pointer; empty for a reply that is one text. Names that could themselves be texts are `*`. */
  readonly pointer: string
  readonly rule: string
  readonly kind: Signal['kind']
  readonly score: number
  /** Keyed digest of the text. */
  readonly digest: string
}

/** Findings of one reply that are kept. */
const mostFindings = 32
/** Score from which a signal counts as strong; the model's are calibrated, and flag from about 0.88. */
const strong = (kind: Signal['kind']): number => (kind === 'model' ? 0.99 : 0.8)

/** What is known of the texts of one reply while they are read one by one. */
export class Inspection {
  readonly findings: ContextFinding[] = []
  readonly rules: Set<string> = new Set()
  readonly removed: Map<string, number> = new Map()
  risk = 0
  flagged = false
  /** A deterministic class, or two independent strong signals in one text: enough to refuse. */
  certain = false
  /** Not all of the reply was read. */
  partial = false

  /** Notes one text that was read. */
  add({ verdict, suspect, digest = '' }: TreatedText, pointer: () => string): void {
    if (verdict.partial) this.partial = true
    for (const kind of Object.keys(verdict.removed)) this.count(kind, verdict.removed[kind] ?? 0)
    if (verdict.risk > this.risk) this.risk = verdict.risk
    if (!suspect) return
    this.flagged = true
    const strongKinds = new Set<Signal['kind']>()
    const noted = new Set<string>()
    const at = pointer()
    for (const finding of verdict.findings) {
      if (!isSuspect(finding)) continue
      const { rule, kind, score } = finding
      if (finding.deterministic) this.certain = true
      if (score >= strong(kind)) strongKinds.add(kind)
      this.rules.add(rule)
      if (noted.has(rule) || this.findings.length >= mostFindings) continue
      noted.add(rule)
      this.findings.push({ pointer: at, rule, kind, score, digest })
    }
    if (strongKinds.size > 1) this.certain = true
  }

  count(kind: string, by: number): void {
    this.removed.set(kind, (this.removed.get(kind) ?? 0) + by)
  }
}
