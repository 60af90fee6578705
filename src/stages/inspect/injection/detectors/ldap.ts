import type { Detector, View } from '../detector.ts'
import { compileSearch } from '../landmarks/search.ts'

const attribute = '[a-z][a-z0-9.;-]{0,40}'
const shapes: readonly (readonly [RegExp, number])[] = [
  // a filter is closed and another begun
  [
    new RegExp(
      `[*a-z0-9'"\\]]?\\)\\s{0,4}\\(\\s{0,4}(?:[&|!]\\s{0,4}\\(?|${attribute}\\s{0,4}(?:[~<>]?=|:))`,
    ),
    0.86,
  ],
  [new RegExp(`\\(\\s{0,4}[&|!]\\s{0,4}\\(?\\s{0,4}${attribute}\\s{0,4}(?:[~<>]?=|:)`), 0.88],
  [/^[^=]{0,30}\*\s{0,4}\)\s{0,4}(?:\(|\)|[&|])/, 0.86],
  [/\)\s{0,4}\(\s{0,4}[&|!]\s{0,4}(?:\(|$)|^\*?\)\(?[&|!]|^\*\(\||^\*\)|^[|&!]?\([|&]\(/, 0.84],
  [
    /\((?:objectclass|uid|cn|sn|mail|ou|dc|userpassword|samaccountname|homedirectory|memberof|givenname|loginshell|gidnumber|useraccountcontrol)\s{0,4}[~<>]?=/,
    0.88,
  ],
  [/^[*]{1,3}\)?(?:\x00|%00|;|\)|\|)|^x'?\s{0,4}or\s{0,4}name\(\)|\*\)\)%00/, 0.75],
  [/^[|&!'"]{0,40}[*()][*()|&!'"]{4,40}$/, 0.75],
  [/^[|&!]?\(\s{0,4}[a-z]{1,20}=[\w]{0,40}\*[*\w]{0,40}\)$/, 0.8],
]
const searches = shapes.map(([shape, confidence]) => [compileSearch(shape), confidence] as const)
const calls = compileSearch(/[{};<]|function|=>|\w\(\w{0,20}\)\(/)

function run(view: View): number {
  const { lower } = view
  let best = 0
  for (const [shape, confidence] of searches) if (confidence > best && shape.test(lower)) best = confidence
  if (best > 0 && view.prose) return best - 0.25
  // Function calls in a row also close one bracket and open another.
  if (best > 0 && best < 0.88 && calls.test(lower)) return 0.4
  return best
}

/** Filters of LDAP (RFC 4515) that a value opens or closes. */
export const ldapDetector: Detector = {
  name: 'ldap.filter',
  class: 'ldapi',
  needs: [['(', ')', '*']],
  run,
}
