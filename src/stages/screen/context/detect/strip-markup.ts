import type { Cut, Sanitised } from './sanitised.ts'

/** Tags looked at in one text, and characters of one tag. */
const mostTags = 2000
const longestTag = 4000
/** Nested elements of one name that are followed to find where a hidden one ends. */
const mostNested = 64
/** An alternative text longer than this is no description of a picture (WCAG: about a sentence). */
const longestAlt = 120

const hiddenStyle =
  /display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden|opacity\s{0,4}:\s{0,4}0(?:\.0{1,4})?(?![.\d])|font-size\s{0,4}:\s{0,4}(?:0|1px|0?\.\d)|(?:left|top|text-indent)\s{0,4}:\s{0,4}-\d{3,6}px|clip\s{0,4}:\s{0,4}rect\(\s{0,4}0/i
const colour = /(?:^|[;"'\s])color\s{0,4}:\s{0,4}([#\w]{3,20})/i
const ground = /background(?:-color)?\s{0,4}:\s{0,4}([#\w]{3,20})/i
const hiddenAttribute = /\s(?:hidden|aria-hidden\s{0,4}=\s{0,4}["']?true)(?=[\s>/=]|$)/i

/** Takes out what a page does not show: comments, elements styled away, over-long alternative texts. */
export function stripMarkup(sanitised: Sanitised): void {
  const { text } = sanitised
  let at = text.indexOf('<')
  if (at < 0) return
  const cuts: Cut[] = []
  const cut = (from: number, to: number): void => void cuts.push({ from, to, put: '' })
  let unclosed = false
  for (let tags = 0; at >= 0 && tags < mostTags; tags++) {
    let end = at + 1
    if (text.startsWith('<!--', at)) {
      const close = unclosed ? -1 : text.indexOf('-->', at + 4)
      if (close < 0) unclosed = true
      else {
        end = close + 3
        sanitised.count('html-comment')
        sanitised.hide(text.slice(at + 4, close), 'markup', at, end)
        cut(at, end)
      }
    } else if (isLetter(text.charCodeAt(at + 1))) {
      const close = text.indexOf('>', at)
      if (close < 0) break
      if (close - at <= longestTag) {
        const tag = text.slice(at, close + 1)
        if (isHidden(tag)) {
          end = elementEnd(text, at, close + 1)
          sanitised.count('html-hidden')
          sanitised.hide(text.slice(close + 1, end), 'markup', at, end)
          cut(at, end)
        } else if (/^<img\s/i.test(tag)) {
          const alt = /\salt\s?=\s?(?:"([^"]*)"|'([^']*)')/i.exec(tag)
          const words = alt?.[1] ?? alt?.[2] ?? ''
          if (alt !== null && words.length > longestAlt) {
            const from = at + alt.index
            end = close + 1
            sanitised.count('html-hidden')
            sanitised.hide(words, 'markup', from, from + alt[0].length)
            cut(from, from + alt[0].length)
          }
        }
      }
    }
    at = text.indexOf('<', end)
  }
  sanitised.edit(cuts)
}

function isLetter(unit: number): boolean {
  return (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a)
}

function isHidden(tag: string): boolean {
  if (!tag.includes(' ') && !tag.includes('\n')) return false
  if (/style\s?=/i.test(tag)) {
    if (hiddenStyle.test(tag)) return true
    const over = ground.exec(tag)?.[1]
    const ink = colour.exec(tag)?.[1]
    if (ink !== undefined && over !== undefined && ink.toLowerCase() === over.toLowerCase()) return true
  }
  return hiddenAttribute.test(tag)
}

/** Where the element ends that the tag at `at` begins; elements of the same name inside are counted. */
function elementEnd(text: string, at: number, inside: number): number {
  const name = /^<([A-Za-z][\w-]{0,30})/.exec(text.slice(at, at + 32))?.[1]?.toLowerCase() ?? ''
  if (/^(?:img|input|br|hr|meta|link|area|source)$/.test(name) || text[inside - 2] === '/') return inside
  let depth = 1
  let from = inside
  for (let steps = 0; steps < mostNested; steps++) {
    const next = text.indexOf('<', from)
    if (next < 0) return text.length
    const close = text.charCodeAt(next + 1) === 0x2f
    const begin = next + (close ? 2 : 1)
    const same = text.slice(begin, begin + name.length).toLowerCase() === name
    const end = text.indexOf('>', next)
    if (end < 0) return text.length
    if (same && !/[\w-]/.test(text[begin + name.length] ?? '')) {
      depth += close ? -1 : 1
      if (depth === 0) return end + 1
    }
    from = end + 1
  }
  return from
}
