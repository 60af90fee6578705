const maxDepth = 64
const maxNodes = 100_000
const name = /[A-Za-z_][A-Za-z0-9_.:-]{0,200}/y
const blank = /[ \t\r\n]*/y
const character = /^(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6})$/
const characters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * Reads a well-formed XML document (XML 1.0) that declares nothing: no DTD, no processing instruction beside the XML
 * declaration, only the five predefined entities and character references. `doctype` and `malformed` say what else it
 * is. Returns its texts, decoded, in order.
 */
export function parseXmlTexts(source: string): readonly string[] | 'doctype' | 'malformed' {
  const texts: string[] = []
  const open: string[] = []
  let at = source.charCodeAt(0) === 0xfeff ? 1 : 0
  let roots = 0
  const declaration =
    /^<\?xml[ \t\r\n]+version=["']1\.[01]["'](?:[ \t\r\n]+encoding=["'](?:utf-8|us-ascii)["'])?(?:[ \t\r\n]+standalone=["'](?:yes|no)["'])?[ \t\r\n]*\?>/i.exec(
      source.slice(at, at + 200),
    )
  if (declaration !== null) at += declaration[0].length
  for (let nodes = 0; at < source.length; nodes++) {
    if (nodes > maxNodes) return 'malformed'
    if (source.charCodeAt(at) !== 60) {
      const next = source.indexOf('<', at)
      const end = next < 0 ? source.length : next
      const text = decodeXml(source.slice(at, end))
      if (text === undefined) return 'malformed'
      if (text.trim() !== '') {
        if (open.length === 0) return 'malformed'
        texts.push(text)
      }
      at = end
    } else if (source.startsWith('<!--', at)) {
      const end = source.indexOf('-->', at + 4)
      if (end < 0) return 'malformed'
      texts.push(source.slice(at, end + 3))
      at = end + 3
    } else if (source.startsWith('<![CDATA[', at)) {
      const end = source.indexOf(']]>', at)
      if (end < 0 || open.length === 0) return 'malformed'
      texts.push(source.slice(at + 9, end))
      at = end + 3
    } else if (source.startsWith('<!', at)) return 'doctype'
    else if (source.startsWith('<?', at)) return 'malformed'
    else if (source.charCodeAt(at + 1) === 47) {
      const tag = match(name, source, at + 2)
      if (tag === undefined || open.pop() !== tag) return 'malformed'
      at = skipBlank(source, at + 2 + tag.length)
      if (source.charCodeAt(at) !== 62) return 'malformed'
      at++
    } else {
      const tag = match(name, source, at + 1)
      if (tag === undefined || (open.length === 0 && roots++ > 0) || open.length >= maxDepth)
        return 'malformed'
      const end = readAttributes(source, at + 1 + tag.length, texts)
      if (end < 0) return 'malformed'
      if (source.charCodeAt(end - 2) === 47 && source.charCodeAt(end - 1) === 62) at = end
      else {
        open.push(tag)
        at = end
      }
    }
  }
  return open.length === 0 && roots === 1 ? texts : 'malformed'
}

/** The place after `>` or `/>`; -1 where the attributes are malformed. */
function readAttributes(source: string, from: number, texts: string[]): number {
  const seen = new Set<string>()
  let at = from
  for (;;) {
    const before = at
    at = skipBlank(source, at)
    if (source.charCodeAt(at) === 62) return at + 1
    if (source.charCodeAt(at) === 47 && source.charCodeAt(at + 1) === 62) return at + 2
    const key = match(name, source, at)
    if (key === undefined || at === before || seen.has(key)) return -1
    seen.add(key)
    at = skipBlank(source, at + key.length)
    if (source.charCodeAt(at) !== 61) return -1
    at = skipBlank(source, at + 1)
    const quote = source.charAt(at)
    if (quote !== '"' && quote !== "'") return -1
    const end = source.indexOf(quote, at + 1)
    const raw = end < 0 ? '<' : source.slice(at + 1, end)
    const value = raw.includes('<') ? undefined : decodeXml(raw)
    if (value === undefined) return -1
    texts.push(value)
    at = end + 1
  }
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0]
}

function skipBlank(source: string, at: number): number {
  return at + (match(blank, source, at)?.length ?? 0)
}

function decodeXml(text: string): string | undefined {
  if (!text.includes('&')) return text
  let broken = false
  const decoded = text.replace(/&([^;&]{0,20};?)/g, (whole: string, inner: string) => {
    const reference = inner.slice(0, -1)
    if (!inner.endsWith(';') || !character.test(reference)) {
      broken = true
      return whole
    }
    if (!reference.startsWith('#')) return characters[reference] ?? whole
    const point = reference[1] === 'x' ? Number.parseInt(reference.slice(2), 16) : Number(reference.slice(1))
    if (point > 0x10ffff || point === 0) broken = true
    return broken ? whole : String.fromCodePoint(point)
  })
  return broken ? undefined : decoded
}
