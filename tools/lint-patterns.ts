// Every regular expression written in src/ must be one that no text makes slow: nothing that repeats without end inside
// another repetition, unless the syntax tree proves that there is one way to read any text; no reference back.
// Patterns that are put together at start are watched in src/stages/inspect/injection/patterns.test.ts.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type AST, RegExpParser, visitRegExpAST } from '@eslint-community/regexpp'
import { parseSync, Visitor } from 'oxc-parser'
import { isSafeForBacktracking } from '../src/contract/pattern/pattern-cost.ts'

const root = join(import.meta.dirname, '..')
const parser = new RegExpParser({ ecmaVersion: 2025 })
/** Repetitions of a repetition that were read by hand: what stands between the repeats is in none of them. */
const reviewed: ReadonlyMap<string, string> = new Map([
  ['src/config/validate-config.ts', 'labels end at a dot or slash; at most 253 characters, of the operator'],
  ['src/contract/schemas/formats.ts', 'URI templates: expressions end at a brace, variables at a comma'],
  ['src/authority/accounts/email-address.ts', 'atoms end at a dot, which is in none of them'],
  ['src/stages/authorize/id-source.ts', 'steps begin with a dot or bracket; of the operator'],
  ['src/stages/authorize/owner-paths.ts', 'steps begin with a dot or bracket; of the operator'],
])

/** What a bounded repetition inside another may multiply to. */
const maxWays = 2_000

/** Why a pattern could be slow; undefined where it cannot. */
export function slowness(source: string, flags: string): string | undefined {
  const unicode = flags.includes('u') || flags.includes('v')
  const pattern = parser.parsePattern(source, 0, source.length, { unicode, unicodeSets: flags.includes('v') })
  let why: string | undefined
  visitRegExpAST(pattern, {
    onBackreferenceEnter(node) {
      why ??= `${node.raw} refers back`
    },
    onQuantifierEnter(node) {
      const inner = repeatsInside(node.element)
      if (node.max > 1 && inner > 1 && node.max * inner > maxWays) why ??= `${node.raw} repeats a repetition`
    },
  })
  return why === undefined || isSafeForBacktracking(pattern) ? undefined : why
}

/** How often the most repeated part may repeat, the whole once. */
function repeatsInside(element: AST.QuantifiableElement): number {
  if (element.type !== 'Group' && element.type !== 'CapturingGroup') return 1
  let most = 1
  for (const { elements } of element.alternatives)
    for (const one of elements) {
      if (one.type === 'Quantifier' && one.max !== one.min)
        most = Math.max(most, one.max * repeatsInside(one.element))
      else if (one.type === 'Group' || one.type === 'CapturingGroup')
        most = Math.max(most, repeatsInside(one))
    }
  return most
}

export interface SlowPattern {
  readonly file: string
  readonly pattern: string
  readonly why: string
}

/** All patterns of the sources that could be slow, and how many there are. */
export function lintPatterns(): { readonly count: number; readonly slow: readonly SlowPattern[] } {
  const slow: SlowPattern[] = []
  let count = 0
  for (const entry of readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.test.ts')) continue
    const path = join(entry.parentPath, entry.name)
    const { program } = parseSync(path, readFileSync(path, 'utf8'))
    new Visitor({
      Literal(node) {
        if (!('regex' in node)) return
        count++
        const why = slowness(node.regex.pattern, node.regex.flags)
        const file = relative(root, path)
        if (why !== undefined && !reviewed.has(file))
          slow.push({ file, pattern: `/${node.regex.pattern}/`, why })
      },
    }).visit(program)
  }
  return { count, slow }
}

if (import.meta.main) {
  const { count, slow } = lintPatterns()
  for (const { file, pattern, why } of slow) console.error(`${file}: ${pattern.slice(0, 120)}: ${why}`)
  console.log(`${count} patterns, ${slow.length} that could be slow`)
  process.exit(slow.length === 0 && count > 100 ? 0 : 1)
}
