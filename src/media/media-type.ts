/** A media type in its one spelling. */
export interface MediaType {
  /** `type/subtype`, lower-case. */
  readonly essence: string
  /** Lower-case; `utf-8` where none is written. */
  readonly charset: string
  readonly boundary: string | undefined
  /** What is forwarded: essence and the parameters that were read. */
  readonly text: string
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const pattern = new RegExp(
  `^(${token})/(${token})((?:[ \\t]*;[ \\t]*${token}=(?:${token}|"[ !#-\\[\\]-~]*"))*)$`,
)
const parameter = new RegExp(`;[ \\t]*(${token})=(${token}|"[ !#-\\[\\]-~]*")`, 'g')

const common = new Map<string, MediaType>(
  ['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'application/octet-stream'].map(
    (essence) => [essence, Object.freeze({ essence, charset: 'utf-8', boundary: undefined, text: essence })],
  ),
)

/**
 * Reads a Content-Type (RFC 9110 §8.3.1) strictly: a stray semicolon, a repeated parameter or a second type is
 * `undefined`, because servers differ on what those mean (CVE-2025-32442, CVE-2026-25223).
 */
export function parseMediaType(value: string): MediaType | undefined {
  const known = common.get(value)
  if (known !== undefined) return known
  if (value.length > 256) return undefined
  const match = pattern.exec(value)
  if (match === null) return undefined
  const essence = `${match[1]}/${match[2]}`.toLowerCase()
  let charset: string | undefined
  let boundary: string | undefined
  const names = new Set<string>()
  let text = essence
  for (const [, rawName, rawValue] of (match[3] ?? '').matchAll(parameter)) {
    const name = (rawName as string).toLowerCase()
    const content = unquote(rawValue as string)
    if (names.has(name)) return undefined
    names.add(name)
    if (name === 'charset') charset = content.toLowerCase()
    else if (name === 'boundary') boundary = content
    text += `; ${name}=${name === 'charset' ? content.toLowerCase() : rawValue}`
  }
  return { essence, charset: charset ?? 'utf-8', boundary, text }
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1) : value
}

/** True for `application/json`, `application/problem+json` and their kin. */
export function isJsonType(essence: string): boolean {
  return essence === 'application/json' || essence.endsWith('+json') || essence === 'text/json'
}
