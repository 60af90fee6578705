import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { buildSite } from '../../tools/site/build-site.ts'
import { anchorOf } from '../../tools/site/render-page.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sallyport-site-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const pages = buildSite(root, folder)
const html = (target: string): string => readFileSync(join(folder, target), 'utf8')

test('every page is there once, names itself in the outline, and asks no other host', () => {
  assert.ok(pages.length > 30)
  assert.equal(new Set(pages.map(({ target }) => target)).size, pages.length)
  for (const { target } of pages) {
    const text = html(target)
    assert.equal(text.match(/aria-current="page"/g)?.length, 1, target)
    assert.doesNotMatch(text, /(?:src|rel="stylesheet" href)="(?:https?:)?\/\//, target)
    assert.doesNotMatch(text, /<(?:script(?! src="site\.js" defer>)|iframe|style)\b/, target)
  }
})

test('every link between files of the repository leads to a file, and to a heading that is there', (t) => {
  const anchors = new Map(
    pages.map(({ source, text }) => [
      source,
      new Set(
        [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading.replaceAll('`', ''))),
      ),
    ]),
  )
  let links = 0
  for (const { source, text } of pages)
    for (const [, href = ''] of text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/i.test(href)) continue
      const [path = '', anchor] = href.split('#')
      const file = path === '' ? source : posix.join(posix.dirname(source), path).replace(/\/$/, '')
      assert.ok(existsSync(join(root, file)), `${source}: ${href}`)
      if (anchor !== undefined && anchors.has(file))
        assert.ok(anchors.get(file)?.has(anchor), `${source}: no heading ${href}`)
      links += 1
    }
  assert.ok(links > 30)
  t.diagnostic(`${links} links`)
})

test('every link of the pages leads to a page, a file of the site, or out of it', (t) => {
  const targets = new Set(pages.map(({ target }) => target))
  let links = 0
  for (const { target } of pages)
    for (const [, href = ''] of html(target).matchAll(/ (?:href|src)="([^"#]+)(?:#[^"]*)?"/g)) {
      links += 1
      if (/^https:\/\/|^mailto:/.test(href)) continue
      assert.ok(targets.has(href) || existsSync(join(folder, href)), `${target}: ${href}`)
    }
  assert.ok(html('index.html').includes('href="tutorial.html"'))
  assert.ok(links > 1000)
  t.diagnostic(`${links} links`)
})
