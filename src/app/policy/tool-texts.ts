import type { RestTool } from '../../gateway/mcp/rest/tool-target.ts'
import type { ContextDetector } from '../../stages/screen/context/detect/detector.ts'

/** What an agent would read of a tool that it should not. */
export interface ToolTextFinding {
  /** `hidden`: what no reader sees; `instruction`: what reads like an order to whoever reads it. */
  readonly what: 'hidden' | 'instruction'
  /** JSON pointer into the definition. */
  readonly pointer: string
  readonly rules: readonly string[]
}

/** What stands in no text by chance. Comments and pictures of Markdown are left to whoever shows it. */
const hidden = ['invisible', 'control', 'chat-template']
/** Texts of one definition that are looked at. */
const mostTexts = 2_000

/** Reads every text of a tool as an agent would: descriptions, titles, names, values that are offered. */
export function toolTexts({ definition }: RestTool, detector: ContextDetector): readonly ToolTextFinding[] {
  const found: ToolTextFinding[] = []
  let seen = 0
  const visit = (value: unknown, pointer: string): void => {
    if (seen > mostTexts) return
    if (typeof value === 'string') {
      seen++
      const { findings, removed } = detector.scan(value, {})
      if (hidden.some((kind) => (removed[kind] ?? 0) > 0))
        found.push({ what: 'hidden', pointer, rules: Object.keys(removed) })
      const orders = findings.filter(
        ({ kind, score }) => kind === 'rule' || (kind === 'model' && score > 0.9),
      )
      if (orders.length > 0)
        found.push({ what: 'instruction', pointer, rules: [...new Set(orders.map(({ rule }) => rule))] })
      return
    }
    if (typeof value !== 'object' || value === null) return
    for (const [name, member] of Object.entries(value)) {
      if (!Array.isArray(value)) visit(name, `${pointer}/*`)
      visit(member, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    }
  }
  visit(definition, '')
  return found
}
