import type { Detector, View } from '../detector.ts'
import { compileSearch } from '../landmarks/search.ts'

const always = compileSearch(
  /[\r\n]\s{0,4}(?:0[ad]){0,2}(?:set-cookie2?\s{0,4}:|content-(?:length|type|disposition|encoding)\s{0,4}:|transfer-encoding\s{0,4}:|http\/\d|location\s{0,4}:\s{0,4}(?:https?:|\/\/)|access-control-[a-z-]{1,30}\s{0,4}:|x-[a-z-]{2,30}\s{0,4}:|refresh\s{0,4}:|host\s{0,4}:|remote-addr\s{0,4}:|(?:get|post|put|delete|head|options|trace|connect)\s{1,4}\S{1,200}\s{1,4}http\/)/,
)
/** Escaped line breaks and nothing else: what probes for them. */
const onlyBreaks = /^[\s/]{0,4}[\r\n]{1,8}$/
const field = compileSearch(/[\r\n][a-z][a-z0-9-]{1,40}\s{0,2}:/)

function run({ lower, place, depth }: View): number {
  if (!lower.includes(':') && !lower.includes('http/'))
    return depth > 0 && lower.length < 16 && onlyBreaks.test(lower) ? 0.72 : 0
  const inLine = place === 'header' || place === 'cookie' || place === 'path'
  if (always.test(lower))
    return inLine || depth > 0 ? 0.92 : /\s/.test(lower.slice(0, lower.search(/[\r\n]/))) ? 0.55 : 0.85
  if (!field.test(lower)) return 0
  // One token, a break, a field: not what anyone writes as text.
  return /^[\x21-\x7e]{0,200}[\r\n]/.test(lower) &&
    (inLine || depth > 0 || place === 'query') &&
    lower.length < 400
    ? 0.72
    : 0.3
}

/** CRLF injection: header fields, and whole requests or replies, after a line break. */
export const lineBreakDetector: Detector = {
  name: 'http.line-break',
  class: 'crlf',
  needs: [['\r', '\n']],
  run,
}

const mailShape = compileSearch(
  /[\r\n]\s{0,4}(?:to|b?cc|from|subject|reply-to|sender|mime-version|return-path)\s{0,4}:\s{0,4}[^\s]{0,60}(?:@|<|$|\s)|[\r\n]\s{0,4}(?:quit|data|rcpt\s{1,4}to|mail\s{1,4}from|ehlo|helo|noop|rset|vrfy|expn|auth\s)\b|(?:^|[\r\n"])\s{0,4}[a-z]\d{2,4}\s{1,4}(?:capability|examine|logout)\b|(?:rcpt to|mail from)\s{0,2}:\s{0,2}<?[^\s<>]{1,60}@/,
)

/** E-mail header and SMTP or IMAP command injection. */
export const mailDetector: Detector = {
  name: 'mail.header',
  class: 'mail',
  needs: [['\r', '\n', 'rcpt to', 'mail from', 'capability', 'logout', 'examine']],
  run({ lower, depth, place }: View): number {
    if (!mailShape.test(lower)) return 0
    const before = lower.slice(0, Math.max(0, lower.search(/[\r\n]/)))
    // Many words before the break: a quoted mail rather than a field.
    if (depth === 0 && /\s|[:,;!.]$/.test(before)) return 0.5
    return before.split(/\s/).length > 6 ? 0.5 : depth > 0 || place !== 'text' ? 0.86 : 0.7
  },
}
