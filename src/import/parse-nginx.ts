import { unusable } from './reading.ts'

/** A directive of nginx with its block, if it has one. */
export interface Directive {
  readonly name: string
  readonly words: readonly string[]
  readonly line: number
  readonly block: readonly Directive[] | undefined
}

const maxDepth = 20
const maxDirectives = 50_000

/** Reads nginx configuration syntax. Includes are not followed. Throws `Unusable`. */
export function parseNginx(text: string, file: string): readonly Directive[] {
  const tokens = tokenize(text)
  let at = 0
  let count = 0
  const block = (depth: number): Directive[] => {
    if (depth > maxDepth) throw unusable(file, 'blocks are nested too deep')
    const found: Directive[] = []
    let words: { text: string; line: number }[] = []
    for (; at < tokens.length; at++) {
      const token = tokens[at]
      if (token === undefined) break
      if (!token.mark) {
        words.push(token)
        continue
      }
      const [first, ...rest] = words
      words = []
      if (token.text === '}') {
        if (depth === 0) throw unusable(file, 'a `}` closes nothing', { line: token.line })
        return found
      }
      if (first === undefined) continue
      if (++count > maxDirectives) throw unusable(file, 'the file has too many directives')
      let inner: Directive[] | undefined
      if (token.text === '{') {
        at += 1
        inner = block(depth + 1)
        if (tokens[at]?.text !== '}') throw unusable(file, 'a block is not closed', { line: first.line })
      }
      found.push({ name: first.text, words: rest.map((word) => word.text), line: first.line, block: inner })
    }
    if (words.length > 0) throw unusable(file, 'a directive has no `;`', { line: words[0]?.line ?? 1 })
    return found
  }
  return block(0)
}

interface Token {
  readonly text: string
  readonly line: number
  /** `;`, `{` or `}` outside quotes. */
  readonly mark: boolean
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  const pattern =
    /(\n)|#[^\n]*|"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|([;{}])|((?:\$\{\w+\}|\\.|[^\s;{}"'#\\]|(?<=[^\s;{}])["'#]|(?<=[\w)\]])\{\d+(?:,\d*)?\})+)/g
  let line = 1
  for (const match of text.matchAll(pattern)) {
    const [, newline, double, single, mark, word] = match
    if (newline !== undefined) line += 1
    else if (mark !== undefined) tokens.push({ text: mark, line, mark: true })
    else if (word !== undefined) tokens.push({ text: word, line, mark: false })
    else if (double !== undefined || single !== undefined) {
      tokens.push({ text: double ?? single ?? '', line, mark: false })
      line += (match[0].match(/\n/g) ?? []).length
    }
  }
  return tokens
}
