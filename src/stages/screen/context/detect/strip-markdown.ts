import type { Sanitised } from './sanitised.ts'

/** Hosts that pictures and links may name. */
export interface HostList {
  /** Lower-case names; `*.example.com` stands for every name below it. */
  readonly hosts: readonly string[]
  /** True where links off the list are taken out as well, not only pictures. */
  readonly links: boolean
}

/** Definitions of one text that are looked at. */
const mostDefinitions = 64

/** A picture or link with an absolute target; the label and the target are bounded, so that matching is linear. */
const inline =
  /(!?)\[([^\][\n]{0,400})\]\(\s{0,4}<?((?:https?:)?\/\/[^\s()<>]{1,2000})>?(?:\s{1,4}"[^"\n]{0,400}")?\s{0,4}\)/gi
const definition = /^ {0,3}\[([^\][\n]{1,200})\]:\s{0,4}(.{0,4000})$/gm
const picture = /<img\s[^>]{0,2000}?\bsrc\s?=\s?["']?((?:https?:)?\/\/[^\s"'>]{1,2000})[^>]{0,2000}>/gi

/**
 * A picture is fetched when its text is shown, and carries out whatever its address holds; a comment in the form of a link
 * definition is never shown. Pictures off the list leave their label behind.
 */
export function stripMarkdown(sanitised: Sanitised, list: HostList): void {
  if (sanitised.text.includes('](')) {
    const text = sanitised.text.replace(inline, (whole, bang: string, label: string, target: string) => {
      if (isListed(target, list.hosts)) return whole
      if (bang === '' && !list.links) return whole
      sanitised.count(bang === '' ? 'md-link' : 'md-image')
      return label
    })
    sanitised.text = text
  }
  let definitions = 0
  if (sanitised.text.includes(']:'))
    sanitised.text = sanitised.text.replace(definition, (whole, name: string, target: string) => {
      if (++definitions > mostDefinitions) return whole
      const comment = /^(?:#|<>)\s{0,4}[("'](.{0,4000})[)"']\s{0,4}$/.exec(target)
      if (comment !== null) {
        sanitised.count('md-comment')
        sanitised.hide(comment[1] as string)
        return ''
      }
      if (!/^<?https?:\/\//i.test(target) || !sanitised.text.includes(`![`)) return whole
      if (!isPictureOf(sanitised.text, name) || isListed(target.replace(/^</, ''), list.hosts)) return whole
      sanitised.count('md-image')
      return ''
    })
  if (/<img/i.test(sanitised.text))
    sanitised.text = sanitised.text.replace(picture, (whole, target: string) => {
      if (isListed(target, list.hosts)) return whole
      sanitised.count('md-image')
      return ''
    })
}

function isPictureOf(text: string, name: string): boolean {
  return text.includes(`][${name}]`) || text.includes(`![${name}]`)
}

function isListed(target: string, hosts: readonly string[]): boolean {
  const host = URL.parse(target.startsWith('//') ? `https:${target}` : target)?.hostname
  if (host === undefined) return false
  return hosts.some((one) => (one.startsWith('*.') ? host.endsWith(one.slice(1)) : host === one))
}
