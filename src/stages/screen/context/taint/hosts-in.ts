const letter = 'a-z0-9\\u00a1-\\uffff'
const hostName = `(?:[${letter}](?:[${letter}-]{0,61}[${letter}])?\\.){1,8}[a-z\\u00a1-\\uffff][${letter}-]{1,23}`
const hostHere = new RegExp(hostName, 'y')
/** The host behind what a URL says of a user. */
const behindUser = new RegExp(`//[^\\s/@]{0,128}@(${hostName})`, 'g')
const bareHost = new RegExp(`(?<![\\w@.-])(?:${hostName}|\\d{1,3}(?:\\.\\d{1,3}){3})(?![\\w-])`, 'g')
const longestName = 64

/** Marks of ASCII units; everything from U+00A1 on is a letter. */
const LETTER = 1
const NAME = 2
const marks = new Uint8Array(128)
for (const sign of 'abcdefghijklmnopqrstuvwxyz0123456789') marks[sign.charCodeAt(0)] = LETTER | NAME
for (const sign of "._%+'-") marks[sign.charCodeAt(0)] = NAME

function isMarked(unit: number, mark: number): boolean {
  return unit < 128 ? ((marks[unit] as number) & mark) !== 0 : unit >= 0xa1
}

/** Mail addresses of a text in lower case, in order. A name is read backwards from each `@`. */
export function mailAddressesIn(low: string): readonly string[] {
  const found: string[] = []
  let last = 0
  for (let at = low.indexOf('@'); at >= 0; at = low.indexOf('@', at + 1)) {
    if (at < last) continue
    let start = at
    while (start > last && at - start < longestName && isMarked(low.charCodeAt(start - 1), NAME)) start--
    if (start === at) continue
    hostHere.lastIndex = at + 1
    if (!hostHere.test(low)) continue
    last = hostHere.lastIndex
    found.push(low.slice(start, last))
  }
  return found
}

export function hostsBehindUsersIn(low: string): readonly string[] {
  return Array.from(low.matchAll(behindUser), ([, host = '']) => host)
}

/** Hosts and IPv4 addresses that stand alone, in order: the pattern is asked where a dot stands between letters. */
export function hostsIn(low: string): readonly string[] {
  const found: string[] = []
  for (let dot = low.indexOf('.'); dot >= 0; dot = low.indexOf('.', dot)) {
    if (!isMarked(low.charCodeAt(dot + 1), LETTER) || !isMarked(low.charCodeAt(dot - 1), LETTER)) {
      dot++
      continue
    }
    // A match lies within the run of letters, dots and dashes around the dot; what stands beside it is looked at, too.
    let start = dot
    while (start > 0 && isPart(low.charCodeAt(start - 1))) start--
    let end = dot + 1
    while (end < low.length && isPart(low.charCodeAt(end))) end++
    for (const [value] of low.slice(Math.max(0, start - 1), end + 1).matchAll(bareHost)) found.push(value)
    dot = end
  }
  return found
}

function isPart(unit: number): boolean {
  return unit === 0x2e || unit === 0x2d || isMarked(unit, LETTER)
}
