import type { Detector, View } from '../detector.ts'
import { compileSearch } from '../landmarks/search.ts'

const shape = compileSearch(
  /\bcount\s{0,2}\(\s{0,2}\/|\/{1,2}[a-z*][a-z0-9:_-]{0,40}\[\s{0,4}(?:[a-z@.(*]|\d{1,4}\s{0,4}\])|\/(?:child|parent|ancestor|descendant|following|preceding|self|attribute)(?:-or-self|-sibling)?::|::(?:node|text|comment|\*)\(?|\btext\(\)\s{0,4}(?:=|\]|,)|\bname\(\s{0,2}(?:\.|\/|\))|\bposition\(\)\s{0,4}[=<>]|\blast\(\)|\bdoc(?:-available)?\s{0,2}\(\s{0,2}(?:'|"|concat)|string(?:-length|-join)?\s{0,2}\(\s{0,2}\/|\bsubstring\s{0,2}\(\s{0,2}(?:\/|name)|\]\s{0,4}\|\s{0,4}\/\/|'\]\s{0,4}(?:\||\/)|\bor\s{1,4}\/\/|codepoints-to-string|encode-for-uri|\|\s{0,2}\/\*|^\/\*(?:\[|\/|$)/,
)

/** XPath that a value adds to a query. */
export const xpathDetector: Detector = {
  name: 'xpath.axis',
  class: 'xpath',
  needs: [['::', '(', '[', ']', '//', '/*', 'codepoints', 'encode-for']],
  run: (view: View): number => (shape.test(view.lower) ? (view.prose ? 0.5 : 0.8) : 0),
}
