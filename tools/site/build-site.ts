import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { outlineOf, type SitePage } from './outline.ts'
import { renderPage } from './render-page.ts'

/** Writes the site into `folder`; returns its pages. */
export function buildSite(root: string, folder: string): readonly SitePage[] {
  const sections = outlineOf(root)
  const pages = sections.flatMap((section) => section.pages)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const page of pages) {
    writeFileSync(join(folder, page.target), renderPage(page, sections))
    for (const [, image = ''] of page.text.matchAll(/!\[[^\]]*\]\(([^)\s]+)\)/g)) {
      const file = posix.join(posix.dirname(page.source), image)
      const target = join(folder, file.replace(/^docs\//, ''))
      if (/^[a-z]+:/i.test(image) || !existsSync(join(root, file))) continue
      mkdirSync(dirname(target), { recursive: true })
      cpSync(join(root, file), target)
    }
  }
  for (const name of ['site.css', 'site.js'])
    writeFileSync(join(folder, name), readFileSync(join(import.meta.dirname, name)))
  return pages
}
