import type { Detector, View } from '../detector.ts'
import { compileSearch, shortest } from '../landmarks/search.ts'
import { hasPackedScheme, packedHead } from './packed-scheme.ts'
import { readTagBalance } from './tag-balance.ts'

/** Elements that run, load or post something by themselves. */
const active = new Set(
  'script iframe frame frameset object embed applet svg math base meta link style form isindex xml import bgsound layer ilayer marquee animate set animatetransform animatemotion foreignobject noscript portal xss template listener handler'.split(
    ' ',
  ),
)
/** Elements of that list that are harmless without an attribute that does something. */
const passive = new Set(
  'svg math style form link meta noscript template frameset marquee animate set base'.split(' '),
)
const eventShape = /(?:^|[\s/"'`<>\u0000-\u0020])(?:on[a-z]{3,24}|seeksegmenttime|fscommand)\s{0,6}(?:=|%3d)/
const event = compileSearch(eventShape)
const quotedEvent = compileSearch(
  /["'`]\s{0,6}(?:[/\s]{0,6}[a-z-]{1,20}=?\S{0,30}\s{1,4}){0,2}\/?on[a-z]{3,24}\s{0,6}=/,
)
const scheme = compileSearch(/(?:^|[\s"'`=(,;:>/\\[{|])(?:javascript|vbscript|livescript|jscript)\s{0,4}:/)
const schemeStart =
  /^["'\s]{0,4}(?:(?:javascript|vbscript|livescript|mhtml):|data:(?:text\/(?:html|xml)|image\/svg|application\/(?:x-)?(?:java|ecma)script|application\/xhtml))/
const stylesShape =
  /expression\s{0,4}\(|-moz-binding|behaviou?r\s{0,4}:\s{0,4}url|@import|url\s{0,2}\(\s{0,2}['"]?\s{0,2}(?:javascript|data):|xss\s{0,2}:/
const urlAttributeShape =
  /(?:src|href|action|formaction|data|poster|background|dynsrc|lowsrc|srcdoc|xlink:href|code|codebase|classid|from|to|values|content|url|folder|template|handler)\s{0,4}=\s{0,4}["'`]?\s{0,4}(?:javascript|vbscript|livescript|data:(?:text|image\/svg|application|,|;)|jar:|view-source)/
const styles = compileSearch(stylesShape)
const urlAttribute = compileSearch(urlAttributeShape)
/** What a handler of an event does. */
const handler = compileSearch(
  /(?:on[a-z]{3,24}\s{0,6}=\s{0,4}["'`]?\s{0,4}(?:[a-z.[\]"']{0,40}\s{0,4}[(`]|javascript|alert|confirm|prompt|eval|location|window|document))/,
)
const styled = compileSearch(/style\s{0,2}=|expression\s{0,2}\(\s{0,2}(?:javascript|alert)/)
const wholeDocument = compileSearch(/\(document\)|document\s{0,4}\[/)
const call = compileSearch(
  /(?:^|[^a-z0-9_])(?:alert|confirm|prompt|eval|settimeout|setinterval|setimmediate|msgsetimmediate|atob|importscripts|execscript|fetch|import|document\.write(?:ln)?|throw\s{0,2}onerror)\s{0,4}(?:\/\*.{0,40}\*\/\s{0,2})?[(`]\s{0,4}(?:$|['"`/)\w\\[!+{$<%;])/,
)
const wrappedCall = compileSearch(
  /\(\s{0,4}(?:alert|confirm|prompt|eval)\s{0,4}\)\s{0,2}[(`]|\[\s{0,2}['"/].{0,30}['"/](?:\.source)?\s{0,2}(?:\+.{0,40})?\]\s{0,2}(?:\(|`)|(?:alert|confirm|prompt)\s{0,2}\.(?:call|apply|bind)|\b(?:onerror|onload)\s{0,4}=\s{0,4}(?:alert|eval|confirm|prompt)|\b(?:top|self|window|parent|frames|this|globalthis)\s{0,2}\[\s{0,2}['"\\/a-z]/,
)
const document = compileSearch(
  /document\s{0,2}(?:\.|\[\s{0,2}['"])\s{0,2}(?:cookie|domain|location|write|documentelement|body|forms|url|referrer|getelement|createelement|queryselector|implementation|defaultview)|window\.\s{0,2}(?:location|name|open|onload|alert|eval|onerror)|\.innerhtml|string\.fromcharcode|localstorage\.|location\s{0,4}(?:\.(?:href|hash|replace|assign|search))?\s{0,4}=\s{0,4}['"`a-z/]|constructor\s{0,2}(?:\.|\()\s{0,2}constructor|\$\.(?:get|post|ajax|getscript)|xmlhttprequest|sendbeacon|navigator\.|\.source\b.{0,10}\(/,
)

const known = compileSearch(
  /(?:^|[\s"'`/;>])on(?:load|unload|error|click|dbl|mouse|key|focus|blur|change|submit|reset|pointer|touch|animation|transition|drag|drop|copy|cut|paste|scroll|wheel|toggle|play|pause|seek|before|after|webkit|moz|message|hash|pop|page|resize|select|search|input|invalid|abort|canplay|cue|duration|ended|start|finish|bounce|ready|activ|context|help|show|volume|progress|stalled|suspend|storage|repeat|begin|row|cell|data|lose|property|filter|layout|device|orientation|gamepad|unhandled|fullscreen|content|security|media|track|zoom|[a-z]{12,30})[a-z]{0,24}\s{0,4}=/,
)
const reference = compileSearch(
  /[([{=`]\s{0,4}(?:alert|confirm|prompt|eval)\s{0,4}[)\]},`;]|\$\{\s{0,2}(?:alert|confirm|prompt|eval|name)\s{0,2}[}(]|\.(?:call|apply|bind|map|find|filter|foreach|sort)\s{0,2}`|reflect\.[a-z]{2,10}\.call/,
)
/** One of these stands where JavaScript is called without its usual brackets. */
const callMarks = ['alert', 'confirm', 'prompt', 'eval', '${', '`', 'reflect.']
const spacedShape = /<\s{0,3}(?:[a-z]\s{1,3}){3,10}[a-z]?|<\s{0,3}x\s{0,3}:\s{0,3}script/
const spaced = compileSearch(spacedShape)
/** Blanks that browsers take out of a URL. */
const breaks = /[\t\n\r\0]/
/** What can be taken out to join what stands around it. */
const seams = compileSearch(/['"`][ \t\n]?\+[ \t\n]?['"`]|\/\*|<!--|document|onerror/)

function run(view: View): number {
  const found = judge(view)
  // Without an element, JavaScript in sentences is quoted.
  const best = found > 0 && found < 0.85 && view.prose ? found - 0.15 : found
  if (best >= 0.75) return best
  const { lower } = view
  if (lower.length > 8_000 || !seams.test(lower)) return best
  // The same with comments and the seams of joined strings taken out.
  const joined = lower
    .replace(/\/\*[^*]{0,60}\*\/|<!--[^>]{0,60}-->|['"`][ \t\n]?\+[ \t\n]?['"`]/g, '')
    .replace(/\s{0,4}\.\s{1,6}/g, '.')
  return joined === lower ? best : Math.max(best, judge({ lower: joined, place: view.place }))
}

function judge({ lower, place }: Pick<View, 'lower' | 'place'>): number {
  let best = 0
  const angle = lower.indexOf('<')
  if (angle >= 0) best = elements(lower, angle)
  else if (/^\s{0,4}--!?>/.test(lower)) best = 0.72
  if (best < 0.73 && angle >= 0) best = Math.max(best, leaves(lower))
  if (best >= 0.9) return best
  const assigns = lower.includes('=') || lower.includes('%3d')
  if (assigns && event.test(lower)) {
    if (quotedEvent.test(lower)) best = Math.max(best, 0.88)
    else best = Math.max(best, angle >= 0 || handler.test(lower) ? 0.85 : 0.5)
  }
  if (assigns && urlAttribute.test(lower)) best = Math.max(best, 0.88)
  const isBroken = lower.includes(':') && breaks.test(lower) && /[jv]\s{0,4}[asb]/.test(lower)
  if (schemeStart.test(lower) || (isBroken && schemeStart.test(packedHead(lower)))) {
    // `JavaScript: The Definitive Guide` is a title.
    best = Math.max(
      best,
      /script:(?:\s|%20){1,4}[a-z]{1,30}(?:\s|%20){1,4}[a-z]/.test(lower) && !/[(`=<]/.test(lower)
        ? 0.3
        : 0.88,
    )
  } else if (lower.includes(':') && (scheme.test(lower) || (isBroken && hasPackedScheme(lower))))
    best = Math.max(best, /[('"`=<&\\/]/.test(lower) ? 0.78 : 0.3)
  if (angle >= 0 && styles.test(lower)) best = Math.max(best, 0.85)
  else if (styled.test(lower) && styles.test(lower)) best = Math.max(best, 0.8)
  if (
    (call.test(lower) && !/(?:alert|confirm|prompt|import|fetch) \([a-z ]{3,40}\)/.test(lower)) ||
    wrappedCall.test(lower)
  )
    best = Math.max(best, place === 'header' ? 0.75 : 0.78)
  if (assigns && known.test(lower)) best = Math.max(best, place === 'header' ? 0.72 : 0.76)
  const mayCall = lower.length >= shortest || callMarks.some((mark) => lower.includes(mark))
  if (mayCall && reference.test(lower)) best = Math.max(best, 0.76)
  if (angle >= 0 && best < 0.7) {
    const gapped = (spaced.test(lower) ? spacedShape.exec(lower) : null)?.[0].replace(/[\s<]/g, '')
    if (
      gapped !== undefined &&
      (gapped.startsWith('x:') ||
        /^(?:script|iframe|form|style|object|embed|dialog|applet|meta|link|base|svg|img|input|body|frame|layer|bgsound|isindex)/.test(
          gapped,
        ))
    )
      best = 0.75
  }
  if (wholeDocument.test(lower)) best = Math.max(best, 0.75)
  if (document.test(lower))
    best = Math.max(best, /[=(;'"<>]/.test(lower) || /^[a-z.]{8,60}$/.test(lower) ? 0.75 : 0.5)
  return best
}

/** Leaves the element, the attribute or the comment that it was put into. */
function leaves(lower: string): number {
  if (/^\s{0,4}--!?>/.test(lower)) return 0.72
  // A quoted attribute and its element end, and another begins.
  if (
    /^[^<>\s]{0,30}["']\s{0,4}\/?>\s{0,4}<[a-z!/]|^["'][^"'<>]{0,80}["']>[^<>]{0,60}<\/[a-z]{1,12}>/.test(
      lower,
    )
  )
    return 0.75
  if (!lower.includes('</')) return 0
  const { stray } = readTagBalance(lower)
  if (stray === undefined) return 0
  if (stray.kind === 'page') return 0.73
  return stray.kind === 'written' &&
    /["']\s{0,4}\/?>[^<>]{0,80}$/.test(lower.slice(Math.max(0, stray.at - 100), stray.at))
    ? 0.6
    : 0
}

const maxElements = 500
/** Elements whose attributes are read at length. */
const nearElements = 16

/** Reads tags as an HTML tokenizer would (HTML Living Standard §13.2.5), lenient about what follows `<`. */
function elements(text: string, first: number): number {
  let best = 0
  let count = 0
  // Where the next tag ends; looked for once for all tags before it.
  let close = first
  for (let at = first; at >= 0 && count < maxElements; at = text.indexOf('<', at + 1), count++) {
    const unit = text.charCodeAt(at + 1)
    let start = at + 1
    if (unit === 47) start++
    else if (unit === 33 || unit === 63 || unit === 37) {
      const head = text.slice(at, at + 16)
      if (/^<!\[cdata\[|^<!--\[if|^<!--.{0,4}[->]|^<\?import|^<!entity|^<!attlist|^<!--/.test(head))
        best = Math.max(best, head.startsWith('<!--') ? 0.35 : 0.7)
      continue
    }
    while (start < at + 6 && isBlank(text.charCodeAt(start))) start++
    const letter = text.charCodeAt(start)
    if (letter < 97 || letter > 122) continue
    let end = start + 1
    while (end < start + 40 && isNameUnit(text.charCodeAt(end))) end++
    const name = text.slice(start, end)
    if (close >= 0 && close < end) close = text.indexOf('>', end)
    // Handlers and script URLs are looked for in the whole text besides.
    const reach = count < nearElements ? 2_000 : 200
    const attributes = text.slice(end, Math.min(close < 0 ? end + 1_000 : Math.max(close, end), end + reach))
    const one = element(name, attributes, unit === 47, close < 0, start - at)
    if (one > best) best = one
    if (best >= 0.93) return best
  }
  return best
}

function element(name: string, attributes: string, closing: boolean, open: boolean, gap: number): number {
  if (eventShape.test(` ${attributes}`)) return closing ? 0.85 : 0.95
  if (urlAttributeShape.test(attributes)) return 0.93
  const bare = name.includes(':') ? name.slice(name.indexOf(':') + 1) : name
  if (!active.has(bare)) {
    if (
      /^(?:img|image|video|audio|source|body|input|table|td|a|details|button|select|textarea|keygen|isindex|div|xss|x)$/.test(
        bare,
      ) &&
      stylesShape.test(attributes)
    )
      return 0.9
    if (attributes === '' || gap > 2) return 0
    if (
      /style\s{0,4}=\s{0,4}["'`]?[^>]{0,200}(?:url\s{0,2}\(|content\s{0,2}:|\\|\}|xss|:\s{0,2}["'])/.test(
        attributes,
      ) ||
      /datasrc|dataformatas|datafld/.test(attributes)
    )
      return 0.74
    if (
      /^(?:img|image|video|audio|input|embed|source|area)$/.test(bare) &&
      /src\s{0,4}=\s{0,4}["'`]?(?:https?:)?\/\//.test(attributes)
    )
      return 0.45
    if (/^a$|^area$/.test(bare) && /href\s{0,4}=/.test(attributes)) return 0.35
    return 0
  }
  if (closing) return bare === 'script' || bare === 'style' || bare === 'noscript' ? 0.78 : 0.5
  if (!passive.has(bare))
    return bare === 'script' || bare === 'iframe'
      ? 0.93
      : attributes !== '' || open || bare === 'script'
        ? 0.88
        : 0.78
  if (bare === 'meta') return /http-equiv|refresh|charset|url=/.test(attributes) ? 0.88 : 0.4
  if (bare === 'link')
    return /rel\s{0,2}=|href\s{0,2}=/.test(attributes) ? 0.85 : attributes.length > 1 ? 0.72 : 0.4
  if (bare === 'base') return /href/.test(attributes) ? 0.85 : 0.5
  if (bare === 'style') return 0.8
  if (bare === 'form') return /action|id|style/.test(attributes) ? 0.76 : 0.5
  if (bare === 'animate' || bare === 'set')
    return /attributename|href|from|to=|begin/.test(attributes) ? 0.85 : 0.4
  return attributes.length > 1 ? 0.8 : 0.74
}

function isBlank(unit: number): boolean {
  return unit <= 32
}

function isNameUnit(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 58) || unit === 45
}

/** `script` with a break in it, which a browser leaves out of a URL (URL Standard §4.4). */
const brokenWords = [...'scrip'].flatMap((letter, i) => [
  `${letter}\t`,
  `${letter}\0`,
  ...['\n', '\r\n', '\r'].map((end) => `${letter}${end}${'cript'.charAt(i)}`),
])
/** Where strings are joined. */
const joints = [...'\'"`'].flatMap((quote) => ['', ' ', '\t', '\n'].map((blank) => `${quote}${blank}+`))

/** Cross-site scripting: elements, event handlers, script URLs, and JavaScript that a page would run. */
export const htmlDetector: Detector = {
  name: 'html.script',
  class: 'xss',
  needs: [
    [
      '<',
      '-->',
      '--!>',
      '=',
      '%3d',
      '(',
      '`',
      '[',
      '{',
      'script',
      'document',
      'window.',
      'innerhtml',
      'fromcharcode',
      'localstorage',
      'xmlhttprequest',
      'sendbeacon',
      'navigator.',
      'constructor',
      '$.',
      'onerror',
      'reflect.',
      '.call',
      '.apply',
      '.bind',
      '/*',
      ...brokenWords,
      ...joints,
      'data:',
      'mhtml:',
    ],
  ],
  run,
}
