import { posix } from 'node:path'
import markdown from 'markdown-it'
import type { SitePage, SiteSection } from './outline.ts'

// Raw HTML of a page stays text: what is generated from code could hold anything.
const renderer = markdown({ html: false, linkify: false })

/** Where a link that is no page of the site goes: to the file in the repository. */
const repository = 'https://github.com/sallyport/sallyport/blob/main/'

/** Text of a heading → its anchor, as GitHub makes it. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
}

/** A page as HTML, with the outline beside it. */
export function renderPage(page: SitePage, sections: readonly SiteSection[]): string {
  const targets = new Map(
    sections.flatMap(({ pages }) => pages.map(({ source, target }) => [source, target])),
  )
  const tokens = renderer.parse(page.text, {})
  tokens.forEach((token, i) => {
    if (token.type === 'heading_open') {
      const text = tokens[i + 1]?.children?.map(({ content }) => content).join('') ?? ''
      token.attrSet('id', anchorOf(text))
    }
    for (const child of token.children ?? [])
      if (child.type === 'link_open')
        child.attrSet('href', linkOf(page.source, String(child.attrGet('href') ?? ''), targets))
      else if (child.type === 'image')
        child.attrSet('src', imageOf(page.source, String(child.attrGet('src') ?? '')))
  })
  const body = renderer.renderer.render(tokens, renderer.options, {})
  const plain = renderer.utils.escapeHtml
  const outline = sections
    .filter(({ pages }) => pages.length > 0)
    .map(({ title, pages }) => {
      const links = pages.map(
        (one) =>
          `<li><a href="${one.target}"${one === page ? ' aria-current="page"' : ''}>${plain(one.title)}</a></li>`,
      )
      const isOpen = title !== 'Decisions' || pages.includes(page)
      return `<details${isOpen ? ' open' : ''}><summary>${plain(title)}</summary><ul>${links.join('')}</ul></details>`
    })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${plain(page.title)} · Sallyport</title>
<link rel="stylesheet" href="site.css">
<script src="site.js" defer></script>
</head>
<body>
<a class="skip" href="#main">To the text</a>
<nav aria-label="Pages"><a class="name" href="index.html">Sallyport</a>${outline.join('\n')}</nav>
<main id="main">
${body}</main>
</body>
</html>
`
}

/** A link between files of the repository becomes one between pages; what is no page is read in the repository. */
export function linkOf(from: string, href: string, targets: ReadonlyMap<string, string>): string {
  if (/^(?:[a-z]+:|#)/i.test(href)) return href
  const [path = '', anchor] = href.split('#')
  const file = posix.join(posix.dirname(from), path).replace(/\/$/, '')
  const target = targets.get(file) ?? `${repository}${file}`
  return anchor === undefined ? target : `${target}#${anchor}`
}

function imageOf(from: string, source: string): string {
  return /^[a-z]+:/i.test(source) ? source : posix.join(posix.dirname(from), source).replace(/^docs\//, '')
}
