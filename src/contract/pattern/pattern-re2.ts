import type { AST } from '@eslint-community/regexpp'
import { charSetOf } from './char-set.ts'

/** Why a pattern has no linear-time form. */
export class Untranslatable extends Error {}

/** Writes a JavaScript pattern in RE2's language, with JavaScript's meaning. Throws `Untranslatable`. */
export function toRe2(list: readonly AST.Alternative[]): string {
  return list.map((a) => a.elements.map(element).join('')).join('|')
}

const categories: ReadonlyMap<string, string> = new Map([
  ['Letter', 'L'],
  ['Alphabetic', 'L'],
  ['Lowercase_Letter', 'Ll'],
  ['Uppercase_Letter', 'Lu'],
  ['Mark', 'M'],
  ['Number', 'N'],
  ['Decimal_Number', 'Nd'],
  ['digit', 'Nd'],
  ['Punctuation', 'P'],
  ['Symbol', 'S'],
  ['Separator', 'Z'],
  ['Space_Separator', 'Zs'],
  ['Other', 'C'],
  ['Control', 'Cc'],
])

function element(node: AST.Element): string {
  switch (node.type) {
    case 'Character':
      return character(node.value)
    case 'CharacterSet':
      return node.kind === 'property' ? property(node) : `[${ranges(charSetOf(node) ?? [])}]`
    case 'CharacterClass':
      return characterClass(node)
    case 'Group':
      if (node.modifiers !== null) throw new Untranslatable('has inline flags')
      return `(?:${toRe2(node.alternatives)})`
    case 'CapturingGroup':
      return `(?:${toRe2(node.alternatives)})`
    case 'Quantifier': {
      if (node.max === 0) return '(?:)'
      const most = Number.isFinite(node.max) ? String(node.max) : ''
      if (node.min > 1000 || (Number.isFinite(node.max) && node.max > 1000))
        throw new Untranslatable('repeats more than 1,000 times')
      return `(?:${element(node.element)}){${node.min},${most}}`
    }
    case 'Assertion':
      if (node.kind === 'start') return '\\A'
      if (node.kind === 'end') return '\\z'
      if (node.kind === 'word') return node.negate ? '\\B' : '\\b'
      throw new Untranslatable(`uses ${node.kind}`)
    case 'Backreference':
      throw new Untranslatable('uses a back reference')
    default:
      throw new Untranslatable('uses a construct that is not supported')
  }
}

function character(value: number): string {
  if (value >= 0xd800 && value <= 0xdfff) throw new Untranslatable('names half a character')
  return `\\x{${value.toString(16)}}`
}

function ranges(set: readonly number[]): string {
  if (set.length === 0) return '^\\x{0}-\\x{10ffff}'
  let text = ''
  for (let i = 0; i < set.length; i += 2) text += range(set[i] ?? 0, set[i + 1] ?? 0)
  return text
}

function range(from: number, to: number): string {
  return `\\x{${from.toString(16)}}-\\x{${to.toString(16)}}`
}

function property(node: AST.UnicodePropertyCharacterSet): string {
  const name = node.value ?? node.key
  return `\\${node.negate ? 'P' : 'p'}{${categories.get(name) ?? name}}`
}

function characterClass(node: AST.CharacterClass): string {
  const set = charSetOf(node)
  if (set !== undefined) return `[${ranges(set)}]`
  let text = node.negate ? '^' : ''
  for (const part of node.elements) {
    if (part.type === 'CharacterClassRange') text += range(part.min.value, part.max.value)
    else if (part.type === 'Character') text += character(part.value)
    else if (part.type === 'CharacterSet')
      text +=
        part.kind === 'property'
          ? property(part as AST.UnicodePropertyCharacterSet)
          : ranges(charSetOf(part) ?? [])
    else throw new Untranslatable('uses a construct that is not supported')
  }
  return `[${text}]`
}
