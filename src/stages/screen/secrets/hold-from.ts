/** What secrets begin with, by the patterns of `secret-kinds.ts`; what follows is one run without blanks. */
const starts: readonly string[] = [
  'AKIA',
  'ASIA',
  'AIza',
  'AccountKey=',
  'ghp_',
  'gho_',
  'ghu_',
  'ghs_',
  'ghr_',
  'github_pat_',
  'glpat-',
  'xox',
  'sk_live_',
  'rk_live_',
  'npm_',
  'pypi-AgE',
  'SG.',
  'sk-',
  'slp_',
  'eyJ',
  'postgres://',
  'postgresql://',
  'mysql://',
  'mariadb://',
  'mongodb://',
  'mongodb+srv://',
  'redis://',
  'rediss://',
  'amqp://',
  'amqps://',
  'mssql://',
  'sqlserver://',
  'ftp://',
  'smtp://',
  'smtps://',
  'http://',
  'https://',
]
/** Those behind which blanks may come. */
const wide: readonly { readonly start: string; readonly ends: RegExp; readonly most: number }[] = [
  { start: '-----BEGIN ', ends: /-----END [A-Z ]{0,40}-----|-----[^-]{0,16384}-(?!----)/, most: 16_640 },
  { start: 'Server=', ends: /["'\n]/, most: 1_600 },
  { start: 'Data Source=', ends: /["'\n]/, most: 1_600 },
  { start: 'Host=', ends: /["'\n]/, most: 1_600 },
]
/** The first letters of each, and how many there are at most. */
const firstLetters = new Set(
  [...starts, ...wide.map(({ start }) => start)].flatMap((start) =>
    Array.from({ length: start.length - 1 }, (_, i) => start.slice(0, i + 1)),
  ),
)
const mostLetters = Math.max(...[...firstLetters].map(({ length }) => length))
/** The last letter of each of those. */
const lastLetters = new Set([...firstLetters].map((letters) => letters.charCodeAt(letters.length - 1)))
const started = new RegExp(starts.map((start) => start.replace(/[.+*?^$()[\]{}|\\/-]/g, '\\$&')).join('|'))
/** What ends a run. */
const edge = /[\s"'<>()[\]{}|`\\,]/
/** Runs that are longer are no secret. */
const longestRun = 12_288
/** Digits in groups, and what may stand between them. */
const digits = /\d[\d .,-]{0,47}$/
const mayBeNumber = /[\d .,-]$/
const mayBeAccount = /[A-Z0-9 ]$/
const account = /(?<![A-Za-z0-9])[A-Z]{1,2}(?:\d{1,2}[A-Z0-9 ]{0,40})?$/

/**
 * From where on a text that goes on must be held, because what stands there may be the beginning of a secret; its length where
 * nothing is. `begun`: more than the first letters of its first word stand there. `across`: only what would go on in another text,
 * which numbers do not.
 */
export function holdFrom(text: string, across = false): { readonly from: number; readonly begun: boolean } {
  let from = text.length
  let begun = false
  const hold = (at: number, isBegun: boolean): void => {
    if (at < 0 || at >= text.length) return
    if (isBegun) begun = true
    if (at < from) from = at
  }
  const tail = runBefore(text)
  if (text.length - tail > 2) {
    const found = started.exec(text.slice(tail))
    if (found !== null) hold(tail + found.index, true)
  }
  for (const { start, ends, most } of wide) {
    const at = text.lastIndexOf(start)
    if (at >= 0 && text.length - at <= most && !ends.test(text.slice(at + start.length))) hold(at, true)
  }
  if (lastLetters.has(text.charCodeAt(text.length - 1)))
    for (let at = text.length - 1; at >= 0 && at >= text.length - mostLetters; at--)
      if (!isWord(text, at - 1) && firstLetters.has(text.slice(at))) hold(at, false)
  if (across) return { from, begun }
  const end = text.slice(-64)
  const number = mayBeNumber.test(end) ? digits.exec(end) : null
  if (number !== null) hold(text.length - number[0].length, number[0].length > 8)
  const code = mayBeAccount.test(end) ? account.exec(end) : null
  if (code !== null) hold(text.length - code[0].length, code[0].length > 8)
  return { from, begun }
}

/** Where the run begins that a text ends with; its length where that is too long for a secret. */
function runBefore(text: string): number {
  const least = text.length - longestRun
  for (let at = text.length - 1; at >= 0 && at >= least; at--) {
    if (!isWord(text, at) && edge.test(text[at] ?? ' ')) return at + 1
  }
  return least > 0 ? text.length : 0
}

function isWord(text: string, at: number): boolean {
  if (at < 0) return false
  const unit = text.charCodeAt(at)
  return (
    (unit >= 0x61 && unit <= 0x7a) ||
    (unit >= 0x41 && unit <= 0x5a) ||
    (unit >= 0x30 && unit <= 0x39) ||
    unit === 0x5f
  )
}
