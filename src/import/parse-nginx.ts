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
  let line = 1
  let at = 0
  while (at < text.length) {
    const character = text.charAt(at)
    if (character === '\n') line += 1
    if (/\s/.test(character)) at += 1
    else if (character === '#') while (at < text.length && text.charAt(at) !== '\n') at += 1
    else if (character === ';' || character === '{' || character === '}') {
      tokens.push({ text: character, line, mark: true })
      at += 1
    } else {
      const [word, end] = character === '"' || character === "'" ? quotedWord(text, at) : plainWord(text, at)
      tokens.push({ text: word, line, mark: false })
      for (let i = at; i < end; i++) if (text.charAt(i) === '\n') line += 1
      at = end
    }
  }
  return tokens
}

/** From a quote to its end; a backslash takes the next character as it is. */
function quotedWord(text: string, start: number): readonly [string, number] {
  const quote = text.charAt(start)
  let at = start + 1
  while (at < text.length && text.charAt(at) !== quote) at += text.charAt(at) === '\\' ? 2 : 1
  return [text.slice(start + 1, at), Math.min(text.length, at + 1)]
}

/** To the next space or mark; `${name}` and the `{1,3}` of a pattern belong to the word. */
function plainWord(text: string, start: number): readonly [string, number] {
  let at = start
  while (at < text.length && !/[\s;}]/.test(text.charAt(at))) {
    if (text.charAt(at) === '\\') at += 2
    else if (text.charAt(at) !== '{') at += 1
    else {
      const close = text.indexOf('}', at)
      const inside = close < 0 || close - at > 60 ? '' : text.slice(at + 1, close)
      if (at === start || !/^(?:\w{1,40}|\d{1,9},\d{0,9})$/.test(inside)) break
      at = close + 1
    }
  }
  const end = Math.max(start + 1, Math.min(at, text.length))
  return [text.slice(start, end), end]
}
