import { Sanitised } from './sanitised.ts'
import { stripControls, stripTemplateTokens } from './strip-control.ts'
import { type HostList, stripMarkdown } from './strip-markdown.ts'
import { stripMarkup } from './strip-markup.ts'
import { stripUnseen } from './strip-unseen.ts'

/** What a text is written in; undefined where nobody says so, as of a string in JSON. */
export type TextKind = 'plain' | 'html' | 'markdown' | undefined

/** What in a text makes the walk through the strippers necessary: anything but plain prose in ASCII. */
const odd = /[^\t\n\r\x20-\x3b=\x3e-\x5a\\^-~]|\]\(|\]:/
/** Rounds after which what still hides something is taken apart. */
const mostRounds = 8
const whatHides = /[<[\]\u001b]|\p{Default_Ignorable_Code_Point}/gu

/**
 * Takes out of a text what cannot be seen; undefined where there is nothing of the kind. What comes together by a removal is
 * removed in turn, so that the result holds nothing more to remove.
 */
export function sanitise(text: string, hosts: HostList, kind?: TextKind): Sanitised | undefined {
  if (!odd.test(text)) return undefined
  const sanitised = new Sanitised(text)
  let before = ''
  for (let round = 0; before !== sanitised.text; round++) {
    before = sanitised.text
    if (round === mostRounds) takeApart(sanitised)
    stripControls(sanitised)
    stripUnseen(sanitised)
    stripTemplateTokens(sanitised)
    if (kind !== 'plain') stripMarkup(sanitised)
    stripMarkdown(sanitised, hosts)
  }
  return sanitised.counts.size === 0 ? undefined : sanitised
}

/** Nobody nests so deep but to get through: the signs that hiding needs go. */
function takeApart(sanitised: Sanitised): void {
  sanitised.partial = true
  sanitised.edit(
    Array.from(sanitised.text.matchAll(whatHides), ({ 0: sign, index }) => ({
      from: index,
      to: index + sign.length,
      put: '',
    })),
  )
}
