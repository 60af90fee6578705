import type { Detector, View } from '../detector.ts'
import { compileSearch } from '../landmarks/search.ts'
import { isWritten, readTagBalance } from './tag-balance.ts'

/** Declarations of a document type (XML 1.0 §2.8, §4.2): they stand nowhere but in one. */
const declaration = compileSearch(
  new RegExp(
    [
      String.raw`<!(?:entity|element|attlist|notation)\b`,
      String.raw`<!doctype[^>]{0,200}(?:\[|system|public\s{1,8}["'][^"']{0,100}["']\s{1,8}["'](?:file|ftp|php|expect|gopher|jar|netdoc|http://(?!www\.w3\.org)))`,
      // an external identifier whose system literal is a URL or a path
      String.raw`\b(?:system|public\s{1,8}["'][^"']{0,100}["'])\s{1,8}["'](?:[a-z][a-z0-9+.-]{1,12}:|/|\\|%[a-z]{1,20};)`,
    ].join('|'),
  ),
)
/** XInclude, stylesheets, XSLT and its functions that read. */
const inclusion = compileSearch(
  /<xi:include\b|xmlns:xi\s{0,2}=|<\?xml-stylesheet|<xsl:[a-z-]{2,30}|xinclude|xsl\/transform|<!doctype\s{1,4}(?!html)[a-z]/,
)
const reading = compileSearch(
  /<!\[(?:include|ignore|%)|%[a-z]{1,20};.{0,40}(?:\]|>)|document\s{0,2}\(\s{0,2}['"]|unparsed-text(?:-lines)?\s{0,2}\(|system-property\s{0,2}\(|xlink:href\s{0,4}=\s{0,4}["']?(?:file|expect|php|https?:)|<[^<>]{1,80}\b(?:src|href|schemalocation|location|uri|url)\s{0,4}=\s{0,4}["']\s{0,4}(?:url\(\s{0,2}["']?)?(?:file|expect|php|netdoc|gopher|jar):|encoding\s{0,4}=\s{0,4}["'](?:utf-?(?:7|16|32)|ucs-?[24]|ebcdic|cp\d{3,4}|ibm\d{2,4})|\]\s{0,4}>\s{0,4}<[a-z]|^\s{0,8}\]\s{0,4}>\s{0,8}$/,
)
const cdata = compileSearch(/<!\[cdata\[/)
const cdataAttack = compileSearch(/<!\[cdata\[[^\]]{0,80}(?:<|script|alert|on[a-z]{3,20}=|\]\]>\s{0,4}<)/)
/** A document, or the beginning of one, where the contract has a text. */
const prolog = /^\s{0,20}(?:<!--)?\s{0,4}<?\?xml\s{1,8}(?:version|encoding)\s{0,4}=/

const betweenTags =
  /(?:>\s{0,4}|=\s{0,4}["'][^"'<>&%]{0,40})[&%]([a-z][a-z0-9_.-]{0,40});\s{0,4}(?:["'<]|$)|^\s{0,4}[&%]([a-z][a-z0-9_.-]{0,40});\s{0,4}</g
const whole =
  /^\s{0,4}[&%]([a-z][a-z0-9_.-]{0,40});\s{0,4}$|^(?:\s{0,4}%([a-z][a-z0-9_.-]{0,40});){2,20}\s{0,4}$/
/** References that HTML defines and people type. */
const common = new Set(
  'amp lt gt quot apos nbsp copy reg trade hellip mdash ndash lsquo rsquo ldquo rdquo sbquo bdquo laquo raquo lsaquo rsaquo middot bull euro pound yen cent sect para deg plusmn times divide frac12 frac14 frac34 sup1 sup2 sup3 micro iexcl iquest szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml ntilde ograve oacute ocirc otilde ouml oslash oelig ugrave uacute ucirc uuml yacute yuml ensp emsp thinsp shy zwj zwnj larr rarr uarr darr harr ne le ge infin asymp minus dagger permil hearts spades clubs diams check star phone'.split(
    ' ',
  ),
)

function run(view: View): number {
  const { lower, place } = view
  if (declaration.test(lower)) return view.prose ? 0.66 : 0.95
  let best = 0
  if (inclusion.test(lower)) best = 0.88
  else if (reading.test(lower)) best = 0.78
  else if (cdata.test(lower)) best = cdataAttack.test(lower) ? 0.78 : 0.4
  if (best > 0 && view.prose) return Math.min(best, 0.66)
  let more = best
  if (more < 0.75 && lower.includes(';')) more = Math.max(more, references(lower))
  if (more < 0.73 && lower.includes('<')) more = Math.max(more, misfits(lower, place))
  return more > best && view.prose ? best : more
}

/** References to entities that only a document type of its own can declare. */
function references(lower: string): number {
  const hit = whole.exec(lower)
  const alone = hit?.[1] ?? hit?.[2]
  if (alone !== undefined) return common.has(alone) ? 0 : 0.75
  betweenTags.lastIndex = 0
  for (let hit = betweenTags.exec(lower); hit !== null; hit = betweenTags.exec(lower))
    if (!common.has(hit[1] ?? hit[2] ?? '')) return 0.78
  return 0
}

/**
 * Closes an element of XML that it did not open, at its beginning or to open another (CWE-91); begins a document and
 * does not end it, where the contract has a text: the rest comes from elsewhere.
 */
function misfits(lower: string, place: View['place']): number {
  const begins = prolog.test(lower)
  if (!begins && !lower.includes('</')) return 0
  const { stray, opened, nested } = readTagBalance(lower)
  if (begins && place !== 'xml' && place !== 'text' && place !== 'multipart')
    return opened === 0 || !nested ? 0.74 : 0.6
  // An element and nothing else, of no vocabulary that people write texts in.
  if (stray === undefined) return isWhole(lower) && (!nested || !marksUp(place)) ? 0.72 : 0
  if (stray.kind !== 'foreign') return 0
  if (/^[^a-z0-9]{0,8}$/.test(lower.slice(0, Math.min(stray.at, 9)))) return 0.73
  return /^\s{0,8}>\s{0,8}<[a-z!?]/.test(lower.slice(stray.after, stray.after + 24)) ? 0.78 : 0
}

/** Places where a document may be what is asked for. */
function marksUp(place: View['place']): boolean {
  return place === 'xml' || place === 'text' || place === 'multipart'
}

/** One element from the first character to the last. */
function isWhole(lower: string): boolean {
  const text = lower.trim()
  const name = /^<([a-z][a-z0-9_.:-]{0,60})[\s>]/.exec(text)?.[1]
  return name !== undefined && !isWritten(name) && text.endsWith(`</${name}>`)
}

/** XML that declares or includes something: external entities, DTDs, stylesheets; and markup that leaves its place. */
export const xmlDetector: Detector = {
  name: 'xml.declaration',
  class: 'xxe',
  needs: [
    [
      '<!',
      '<?',
      '?xml',
      '<x',
      '</',
      'xinclude',
      'xsl/',
      'xmlns',
      '&',
      '%',
      'document',
      'unparsed',
      'system',
      'public',
      'xlink',
      'encoding',
      ']',
    ],
  ],
  run,
}
