/** Where in a YAML document one is about to write. */
export interface YamlPlace {
  /** Keys from the root on; `*` is an item of a list. */
  readonly path: readonly string[]
  /** A name of a member, or what stands behind one. */
  readonly kind: 'key' | 'value'
  /** What is written of it already. */
  readonly prefix: string
}

interface Block {
  readonly indent: number
  /** Undefined: an item of a list. */
  readonly key: string | undefined
}
interface Flow {
  readonly kind: 'map' | 'list'
  key: string | undefined
}

const keyAhead = /^("[^"]*"|'[^']*'|[^\s#:{}[\],'"-][^:{}[\],#]*|-[^\s:{}[\],#]+)\s*:(?=\s|$)/

/**
 * Of the end of `text`, which may be half a document: indentation, lists and `{ … }` as far as they are written. Undefined
 * in a comment. No parser: what is being typed is no YAML yet.
 */
export function yamlPlace(text: string): YamlPlace | undefined {
  const blocks: Block[] = []
  const flows: Flow[] = []
  const lines = text.split('\n')
  let token = ''
  let own: 'key' | 'value' = 'key'
  for (const [index, line] of lines.entries()) {
    const last = index === lines.length - 1
    if (!last && flows.length === 0 && /^\s*(#|$)/.test(line)) continue
    let rest = line
    if (flows.length === 0) {
      const entered = enter(blocks, line)
      rest = entered.rest
      own = entered.hasKey ? 'value' : 'key'
      token = ''
    }
    const scanned = scan(rest, flows, token)
    if (last && scanned === undefined) return undefined
    token = scanned ?? ''
  }
  const path = blocks.map(({ key }) => key ?? '*')
  for (const flow of flows)
    path.push(...(flow.kind === 'list' ? ['*'] : flow.key === undefined ? [] : [flow.key]))
  const top = flows.at(-1)
  const kind = top === undefined ? own : top.kind === 'map' && top.key === undefined ? 'key' : 'value'
  return { path, kind, prefix: token.trim().replace(/^["']/, '') }
}

/** Takes a line's dashes and key: the blocks are those that the rest of it stands in. */
function enter(blocks: Block[], line: string): { readonly rest: string; readonly hasKey: boolean } {
  let indent = line.length - line.trimStart().length
  let rest = line.slice(indent)
  for (let dash = /^-(\s+|$)/.exec(rest); dash !== null; dash = /^-(\s+|$)/.exec(rest)) {
    // A list may begin right below its key.
    while (isBehind(blocks.at(-1), indent)) blocks.pop()
    blocks.push({ indent, key: undefined })
    indent += dash[0].length
    rest = rest.slice(dash[0].length)
  }
  while ((blocks.at(-1)?.indent ?? -1) >= indent) blocks.pop()
  const found = keyAhead.exec(rest)
  if (found === null) return { rest, hasKey: false }
  blocks.push({ indent, key: unquoted(found[1] ?? '') })
  return { rest: rest.slice(found[0].length), hasKey: true }
}

function isBehind(block: Block | undefined, indent: number): boolean {
  return (
    block !== undefined && (block.indent > indent || (block.indent === indent && block.key === undefined))
  )
}

/** Opens and closes `{ … }` and `[ … ]`; gives what stands at the end. Undefined: a comment does. */
function scan(text: string, flows: Flow[], begun: string): string | undefined {
  let token = begun
  let quote = ''
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    const top = flows.at(-1)
    if (quote !== '') {
      if (character === quote) quote = ''
      token += character
    } else if (character === '"' || character === "'") {
      quote = character
      token += character
    } else if (character === '#' && (at === 0 || /\s/.test(text[at - 1] ?? ''))) return undefined
    else if ((character === '{' || character === '[') && token.trim() === '') {
      flows.push({ kind: character === '{' ? 'map' : 'list', key: undefined })
      token = ''
    } else if ((character === '}' || character === ']') && top !== undefined) {
      flows.pop()
      token = ''
    } else if (character === ',' && top !== undefined) {
      top.key = undefined
      token = ''
    } else if (character === ':' && top?.kind === 'map' && /^\s|^$/.test(text.slice(at + 1, at + 2))) {
      top.key = unquoted(token.trim())
      token = ''
    } else token += character
  }
  return token
}

function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text.trim()
}
