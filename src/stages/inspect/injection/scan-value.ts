import { everyText, type TextPlan } from '../../../kernel/text-plan.ts'
import type { Budget, Engine } from './engine.ts'
import type { InjectionFinding, TextContext, TextPlace } from './finding.ts'
import type { Waiting } from './waiting.ts'

/** Findings so far; `spent` where the budget did not suffice, and nothing is known of the rest. */
export interface Scan {
  readonly engine: Engine
  readonly budget: Budget
  readonly findings: InjectionFinding[]
  spent: boolean
  /** Where texts wait, when there are too many to scan at once. */
  later: Waiting[] | undefined
}

/** Findings that are kept of one call. */
const maxFindings = 8

export function createScan(engine: Engine, budget: number): Scan {
  return { engine, budget: { left: budget }, findings: [], spent: false, later: undefined }
}

/** True once nothing more needs to be looked at: the call is refused as it is. */
export function isSettled(scan: Scan): boolean {
  return scan.spent || scan.findings.length >= maxFindings
}

export function scanText(scan: Scan, text: string, context: TextContext): void {
  if (isSettled(scan)) return
  if (scan.later !== undefined) {
    if (text.length > 1) scan.later.push({ text, context })
    return
  }
  const found = scan.engine.scanText(text, context, scan.budget)
  if (found === undefined) scan.spent = true
  else for (const finding of found) scan.findings.push(finding)
}

/** What is known of a text before it is read. */
export function contextOf(pointer: string, place: TextPlace, plan: TextPlan | undefined): TextContext {
  return { pointer, place, urlTyped: plan?.text === 'url', secret: plan?.text === 'secret' }
}

/**
 * Scans the free texts of a value, as its plan says: strings that can carry something, and names that nobody declared.
 * Pointers have `*` for array indexes and undeclared names. Recursion is bounded by the depth that the reader lets in.
 */
export function scanValue(
  scan: Scan,
  value: unknown,
  plan: TextPlan,
  pointer: string,
  place: TextPlace,
): void {
  if (plan.quiet || isSettled(scan)) return
  if (typeof value === 'string') {
    if (plan.text !== 'none') scanText(scan, value, contextOf(pointer, place, plan))
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    const { items } = plan
    if (items.quiet) return
    const below = `${pointer}/*`
    for (const item of value) scanValue(scan, item, items, below, place)
    return
  }
  for (const name of Object.keys(value)) {
    const field = plan.field(name)
    const inner = (value as Record<string, unknown>)[name]
    if (field !== undefined) {
      if (!field.quiet && inner !== null && typeof inner !== 'number' && typeof inner !== 'boolean')
        scanValue(scan, inner, field, `${pointer}/${name}`, place)
      continue
    }
    scanText(scan, name, { pointer: `${pointer}/*`, place: place === 'json-string' ? 'json-key' : 'name' })
    scanValue(scan, inner, everyText, `${pointer}/*`, place)
  }
}
