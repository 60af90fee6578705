/** The name of a scheme that runs, and the colon at the end. */
const ending = /(?:^|[\s"'`=(,;:>/\\[{|])(?:javascript|vbscript|livescript|mocha|jscript)\s{0,4}:$/
/** More characters than a scheme, the blanks after it and what stands before it. */
const reach = 20
const head = 64

/** Blanks that browsers take out of a URL, and those beside them. */
function isTaken(unit: number): boolean {
  return unit === 32 || unit === 10 || unit === 9 || unit === 13 || unit === 0
}

/** The first characters of a text, blanks left out. */
export function packedHead(text: string): string {
  let packed = ''
  for (let i = 0; i < text.length && packed.length < head; i++)
    if (!isTaken(text.charCodeAt(i))) packed += text.charAt(i)
  return packed
}

/** True where a scheme that runs stands before a colon, whatever blanks are inside it. */
export function hasPackedScheme(lower: string): boolean {
  for (let at = lower.indexOf(':'); at >= 0; at = lower.indexOf(':', at + 1)) {
    let end = at - 1
    while (end >= 0 && (isTaken(lower.charCodeAt(end)) || !isInk(lower.charCodeAt(end)))) end--
    const last = lower.charCodeAt(end)
    // The letters that the names end with.
    if ((last === 116 || last === 97) && ending.test(packedBefore(lower, at))) return true
  }
  return false
}

/** What stands before and at an index, blanks left out; with an `x` in front where there is more. */
function packedBefore(lower: string, at: number): string {
  let packed = ''
  let i = at
  for (; i >= 0 && packed.length < reach; i--)
    if (!isTaken(lower.charCodeAt(i))) packed = lower.charAt(i) + packed
  return i >= 0 ? `x${packed}` : packed
}

function isInk(unit: number): boolean {
  return unit > 32 && unit < 127
}
