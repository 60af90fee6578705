import type { Detector, View } from '../detector.ts'

const entity =
  /<!entity\b|<!element\b|<!attlist\b|<!notation\b|<!doctype[^>]{0,200}(?:\[|system|public\s{1,8}["'][^"']{0,100}["']\s{1,8}["'](?:file|ftp|php|expect|gopher|jar|netdoc|http:\/\/(?!www\.w3\.org)))/
const more =
  /<xi:include\b|xmlns:xi\s{0,2}=|<\?xml-stylesheet|<xsl:(?:stylesheet|template|value-of|copy-of|include|import|variable|for-each)|xinclude|<!\[cdata\[|<!\[include\[|%[a-z]{1,20};.{0,40}(?:\]|>)|document\s{0,2}\(\s{0,2}['"]|unparsed-text\s{0,2}\(|system-property\s{0,2}\(|xlink:href\s{0,4}=\s{0,4}["']?(?:file|expect|php|https?:)|<!doctype\s{1,4}(?!html)[a-z]|encoding\s{0,4}=\s{0,4}["']utf-(?:7|16)/
const reference = /^\s{0,4}(?:&[a-z][a-z0-9_]{0,20};|%[a-z][a-z0-9_]{0,20};)\s{0,4}$/

function run({ lower }: View): number {
  if (entity.test(lower)) return 0.95
  if (more.test(lower)) {
    if (/<xi:include|xinclude|<\?xml-stylesheet|<xsl:|<!doctype|xmlns:xi/.test(lower)) return 0.88
    return /<!\[cdata\[/.test(lower) &&
      !/<!\[cdata\[[^\]]{0,80}(?:<|script|alert|on[a-z]{3,20}=|\]\]>\s{0,4}<)/.test(lower)
      ? 0.4
      : 0.78
  }
  if (
    />\s{0,4}[&%](?!(?:amp|lt|gt|quot|nbsp|apos|copy|reg|trade|hellip|mdash|ndash|[lr]squo|[lr]dquo|middot|bull|euro|times);)[a-z][a-z0-9_]{1,20};\s{0,4}</.test(
      lower,
    )
  )
    return 0.78
  return reference.test(lower) && !/^&(?:amp|lt|gt|quot|nbsp|apos);$/.test(lower.trim()) ? 0.55 : 0
}

/** XML that declares or includes something: external entities, DTDs, stylesheets. */
export const xmlDetector: Detector = {
  name: 'xml.declaration',
  class: 'xxe',
  needs: [
    [
      '<!',
      '<?',
      '<x',
      'xinclude',
      'xmlns',
      '&',
      '%',
      'document',
      'unparsed',
      'system-p',
      'xlink',
      'encoding',
    ],
  ],
  run,
}
