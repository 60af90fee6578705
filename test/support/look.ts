import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Only what is violated, without selectors and style sheets of elsewhere: a quarter of the time. */
const lean: RunOptions = { resultTypes: ['violations'], selectors: false, preload: false }

/** What axe finds wrong with a page, one sentence each; only its colours, where the rest has been looked at before. */
export async function axeViolations(
  page: Page,
  what: 'everything' | 'colours' = 'everything',
): Promise<string[]> {
  // A page that only changes its place after `#` still has it.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe)
  const options: RunOptions = {
    ...lean,
    ...(what === 'colours' && { runOnly: ['color-contrast', 'link-in-text-block'] }),
  }
  const results = await page.evaluate(
    (given) =>
      (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run(given),
    options,
  )
  return results.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes.map(({ html, any }) => `${html} ${any.map(({ message }) => message).join(' ')}`).join(' ')}`,
  )
}

const folder = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url))

/** Saves a picture for the documents, where `UPDATE_SCREENSHOTS=1` asks for it. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env['UPDATE_SCREENSHOTS'] !== '1') return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: `${folder}${name}.png`, fullPage: true })
}
