import { type AST, RegExpParser } from '@eslint-community/regexpp'
import { RE2JS } from 're2js'
import { hasAmbiguousLoop, isSafeForBacktracking } from './pattern-cost.ts'
import { toRe2, Untranslatable } from './pattern-re2.ts'

/** A compiled `pattern`. Its time is linear in the text. */
export interface Matcher {
  test(text: string): boolean
  /** Unlike for unlike patterns: ajv tells them apart by it. */
  toString(): string
}

/** Thrown where judging one value would take too long. The value is refused, whatever the schema makes of it. */
export class TooCostly extends Error {}

/** Characters times program size that the automaton may take on one text (about 50 ms at worst). */
const maxSteps = 1_000_000
const maxPatternLength = 10_000
const parser = new RegExpParser({ ecmaVersion: 2025 })
const cache = new Map<string, Matcher | string>()

/**
 * Compiles a contract's regular expression (ECMA-262, flag `u` where it parses so, without it otherwise)
 * such that no text can block the event loop:
 *  1. native, where `isSafeForBacktracking` proves it;
 *  2. lookaheads right after `^` are taken apart: each becomes a pattern of its own, joined by "and";
 *  3. otherwise RE2 in linear time, with an upper bound on text × program.
 * What none of the three can do (back references, other lookaround) is a string that says so.
 */
export function compilePattern(source: string): Matcher | string {
  let compiled = cache.get(source)
  if (compiled === undefined) {
    compiled = compile(source)
    if (cache.size < 20_000) cache.set(source, compiled)
  }
  return compiled
}

/** ajv's regular expression engine. Every pattern was checked before, so a failure here is a fault. */
export const regExpEngine: { (source: string): Matcher; code: string } = Object.assign(
  (source: string): Matcher => {
    const compiled = compilePattern(source)
    if (typeof compiled === 'string') throw new Error(`pattern was not checked: ${compiled}`)
    return compiled
  },
  { code: 'regExpEngine' },
)

function compile(source: string): Matcher | string {
  if (source.length > maxPatternLength) return `is longer than ${maxPatternLength} characters`
  const parsed = parse(source)
  if (parsed === undefined) return 'is not a regular expression'
  try {
    return compileTree(parsed.tree, parsed.unicode)
  } catch (error) {
    if (error instanceof Untranslatable) return `${error.message}, which cannot be matched in linear time`
    return 'has no linear-time form'
  }
}

function parse(source: string): { tree: AST.Pattern; unicode: boolean } | undefined {
  for (const unicode of [true, false]) {
    try {
      new RegExp(source, unicode ? 'u' : '')
      return { tree: parser.parsePattern(source, 0, source.length, { unicode }), unicode }
    } catch {
      // Not in this mode.
    }
  }
  return undefined
}

function compileTree(tree: AST.Pattern, unicode: boolean): Matcher {
  if (isSafeForBacktracking(tree)) return new RegExp(tree.raw, unicode ? 'u' : '')
  return compileLookaheads(tree, unicode) ?? compileRe2(tree)
}

/** `^(?=A)(?!B)C` as: `^A` and not `^B` and `^C`. */
function compileLookaheads(tree: AST.Pattern, unicode: boolean): Matcher | undefined {
  const elements = tree.alternatives.length === 1 ? (tree.alternatives[0]?.elements ?? []) : []
  const [first, second] = elements
  if (first?.type !== 'Assertion' || first.kind !== 'start') return undefined
  if (second?.type !== 'Assertion' || second.kind !== 'lookahead') return undefined
  const parts: { matcher: Matcher; expected: boolean }[] = []
  let i = 1
  for (; i < elements.length; i++) {
    const element = elements[i]
    if (element?.type !== 'Assertion' || element.kind !== 'lookahead') break
    const inner = element.alternatives.map((a) => a.raw).join('|')
    parts.push({ matcher: compileSource(`^(?:${inner})`, unicode), expected: !element.negate })
  }
  const rest = elements
    .slice(i)
    .map((e) => e.raw)
    .join('')
  parts.push({ matcher: compileSource(`^(?:${rest})`, unicode), expected: true })
  return {
    test: (text) => parts.every((p) => p.matcher.test(text) === p.expected),
    toString: () => `all ${tree.raw}`,
  }
}

function compileSource(source: string, unicode: boolean): Matcher {
  return compileTree(parser.parsePattern(source, 0, source.length, { unicode }), unicode)
}

function compileRe2(tree: AST.Pattern): Matcher {
  const program = RE2JS.compile(toRe2(tree.alternatives))
  const maxLength = Math.floor(maxSteps / Math.max(1, program.programSize()))
  return {
    test(text) {
      if (text.length > maxLength) throw new TooCostly('text too long for this pattern')
      return program.test(text)
    },
    toString: () => `linear ${tree.raw}`,
  }
}

/** True where a pattern is known to take exponential time in an engine that backtracks. */
export function isExponential(source: string): boolean {
  const tree = source.length > maxPatternLength ? undefined : parse(source)?.tree
  return tree !== undefined && !isSafeForBacktracking(tree) && hasAmbiguousLoop(tree)
}
