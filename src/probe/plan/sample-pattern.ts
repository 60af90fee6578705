import { type AST, RegExpParser } from '@eslint-community/regexpp'
import { compilePattern } from '../../contract/pattern/pattern.ts'

const parser = new RegExpParser({ ecmaVersion: 2025 })
const maxLength = 200

/**
 * A text that a pattern (ECMA-262) matches; undefined where it cannot be made. Repetitions are as short as they may be, at
 * least `want` characters where the pattern leaves that open.
 */
export function samplePattern(pattern: string, random: () => number, want = 1): string | undefined {
  let tree: AST.Pattern
  try {
    tree = parser.parsePattern(pattern, undefined, undefined, { unicode: true })
  } catch {
    return undefined
  }
  const matcher = compilePattern(pattern)
  if (typeof matcher === 'string') return undefined
  for (const times of [want, 1, 0, 3, 8]) {
    for (let attempt = 0; attempt < 3; attempt++) {
      const text = one(tree.alternatives[0], random, times)
      if (text !== undefined && text.length >= Math.min(want, maxLength) && matcher.test(text)) return text
    }
  }
  const text = one(tree.alternatives[0], random, 1)
  return text !== undefined && matcher.test(text) ? text : undefined
}

function one(
  alternative: AST.Alternative | undefined,
  random: () => number,
  times: number,
): string | undefined {
  let text = ''
  for (const element of alternative?.elements ?? []) {
    const part = element_(element, random, times)
    if (part === undefined || text.length > maxLength) return undefined
    text += part
  }
  return text
}

function element_(element: AST.Element, random: () => number, times: number): string | undefined {
  switch (element.type) {
    case 'Assertion':
      return ''
    case 'Character':
      return String.fromCodePoint(element.value)
    case 'CharacterSet':
    case 'CharacterClass':
      return pick(element, random)
    case 'Group':
    case 'CapturingGroup':
      return one(element.alternatives[Math.floor(random() * element.alternatives.length)], random, times)
    case 'Quantifier': {
      const count = Math.max(
        element.min,
        Math.min(element.max, element.min === 0 && element.max === 1 ? 0 : times),
      )
      let text = ''
      for (let i = 0; i < count && text.length <= maxLength; i++) {
        const part = element_(element.element, random, times)
        if (part === undefined) return undefined
        text += part
      }
      return text
    }
    default:
      return undefined
  }
}

const candidates = [...'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_. /:+@#,!']

/** A character of a class: letters before digits before marks. */
function pick(
  set: AST.CharacterSet | AST.CharacterClass | AST.ExpressionCharacterClass,
  random: () => number,
): string | undefined {
  let matcher: RegExp
  try {
    matcher = new RegExp(`^${set.raw}$`, 'u')
  } catch {
    return undefined
  }
  const fitting = candidates.filter((c) => matcher.test(c))
  const few = fitting.slice(0, 36)
  if (few.length > 0) return few[Math.floor(random() * few.length)]
  for (let code = 0x21; code < 0x2fff; code++)
    if (matcher.test(String.fromCodePoint(code))) return String.fromCodePoint(code)
  return undefined
}
