import type { Cut, Sanitised } from './sanitised.ts'

/** Hosts that pictures and links may name. */
export interface HostList {
  /** Lower-case names; `*.example.com` stands for every name below it. */
  readonly hosts: readonly string[]
  /** True where links off the list are taken out as well, not only pictures. */
  readonly links: boolean
}

/** A picture or link with an absolute target; the label and the target are bounded, so that matching is linear. */
const inline =
  /(!?)\[([^\][\n]{0,400})\]\(\s{0,4}<?((?:https?:)?\/\/[^\s()<>]{1,2000})>?(?:\s{1,4}"[^"\n]{0,400}")?\s{0,4}\)/gi
const definition = /^ {0,3}\[([^\][\n]{1,200})\]:\s{0,4}(.{0,4000})$/gm
const comment = /^(?:#|<>)\s{0,4}[("'](.{0,4000})[)"']\s{0,4}$/
const picture = /<img\s[^>]{0,2000}?\bsrc\s?=\s?["']?((?:https?:)?\/\/[^\s"'>]{1,2000})[^>]{0,2000}>/gi

/**
 * A picture is fetched when its text is shown, and carries out whatever its address holds; a comment in the form of a link
 * definition is never shown. Pictures and links off the list leave their label behind.
 */
export function stripMarkdown(sanitised: Sanitised, list: HostList): void {
  if (sanitised.text.includes('](')) sanitised.edit(inlineCuts(sanitised, list))
  if (sanitised.text.includes(']:')) sanitised.edit(definitionCuts(sanitised, list))
  if (/<img/i.test(sanitised.text)) {
    const cuts: Cut[] = []
    for (const { 0: whole, 1: target = '', index } of sanitised.text.matchAll(picture))
      if (!isListed(target, list.hosts)) cuts.push({ from: index, to: index + whole.length, put: '' })
    if (cuts.length > 0) sanitised.count('md-image', cuts.length)
    sanitised.edit(cuts)
  }
}

function inlineCuts(sanitised: Sanitised, { hosts, links }: HostList): Cut[] {
  const cuts: Cut[] = []
  for (const { 0: whole, 1: bang, 2: label = '', 3: target = '', index } of sanitised.text.matchAll(inline)) {
    if ((bang === '' && !links) || isListed(target, hosts)) continue
    sanitised.count(bang === '' ? 'md-link' : 'md-image')
    cuts.push({ from: index, to: index + whole.length, put: label })
  }
  return cuts
}

function definitionCuts(sanitised: Sanitised, { hosts, links }: HostList): Cut[] {
  const cuts: Cut[] = []
  const { text } = sanitised
  const pictures = text.includes('![') ? pictureNames(text) : undefined
  for (const { 0: whole, 1: name = '', 2: target = '', index } of text.matchAll(definition)) {
    const said = comment.exec(target)?.[1]
    const to = index + whole.length
    if (said !== undefined) {
      sanitised.count('md-comment')
      sanitised.hide(said, 'markup', index, to)
    } else {
      const shown = pictures?.has(name.toLowerCase()) === true
      if (!shown && !links) continue
      if (!/^<?https?:\/\//i.test(target) || isListed(target.replace(/^</, ''), hosts)) continue
      sanitised.count(shown ? 'md-image' : 'md-link')
    }
    cuts.push({ from: index, to, put: '' })
  }
  return cuts
}

/** Names of the definitions that pictures refer to: `![label][name]`, `![name]`. */
function pictureNames(text: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [, label = '', name] of text.matchAll(/!\[([^\][\n]{0,400})\](?:\[([^\][\n]{0,200})\])?/g))
    names.add((name === undefined || name === '' ? label : name).toLowerCase())
  return names
}

function isListed(target: string, hosts: readonly string[]): boolean {
  if (hosts.length === 0) return false
  const host = URL.parse(target.startsWith('//') ? `https:${target}` : target)?.hostname
  if (host === undefined) return false
  return hosts.some((one) => (one.startsWith('*.') ? host.endsWith(one.slice(1)) : host === one))
}
