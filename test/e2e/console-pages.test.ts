import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { brotliCompressSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import type { EventsReply, PolicyReply } from '../../src/admin/contract.ts'
import { launchChromium, needsChromium } from '../support/chromium.ts'
import { type ConsoleGate, startConsoleGate } from '../support/console-gate.ts'
import { axeViolations, picture } from '../support/look.ts'

/** Every page of the console against a gateway that has had a morning: what it says, on what screens, to whom. */

let gate: ConsoleGate
let browser: Browser | undefined
let page: Page
const complaints: string[] = []
const hostile = `<img src=x onerror="document.title='owned'"><svg onload="document.title='owned'">`
const pages = ['/', '/traffic', '/apis', '/findings', '/identities', '/policy', '/settings', '/about']

before(async () => {
  gate = await startConsoleGate()
  await gate.traffic()
  // Texts of strangers: what they ask for, and who they say they are.
  await gate.call(`/${encodeURIComponent(hostile)}`, { headers: { 'user-agent': hostile } })
  await gate.call(`/users/${encodeURIComponent(hostile)}/profile`, { token: gate.tokens.alice })
  if (needsChromium().skip !== false) return
  browser = await launchChromium()
  page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
  watch(page)
  const [, token = ''] = /#setup=([\w-]+)/.exec(gate.app.notes.join('\n')) ?? []
  await page.goto(`${gate.adminUrl}/#setup=${token}`)
  await page.waitForSelector('h1')
})
after(async () => {
  await browser?.close()
  await gate[Symbol.asyncDispose]()
})

async function open(hash: string, width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  assert.ok(browser)
  const opened = await browser.newPage({ viewport: { width, height: 860 }, colorScheme })
  watch(opened)
  await opened.goto(`${gate.adminUrl}/#${hash}`)
  await opened.waitForSelector('h1')
  return opened
}

function watch(opened: Page): void {
  opened.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) complaints.push(message.text())
  })
  opened.on('pageerror', (error) => complaints.push(error.message))
  opened.on('request', (request) => {
    if (!request.url().startsWith(gate.adminUrl) && !request.url().startsWith('data:'))
      complaints.push(request.url())
  })
}

async function show(hash: string, on: Page = page): Promise<void> {
  await on.goto(`${gate.adminUrl}/#${hash}`)
  await on.waitForSelector('h1')
  await on.locator('[aria-label="Loading"]').first().waitFor({ state: 'detached' })
}

test('every page: no violation that axe finds, light and dark', needsChromium(), async (t) => {
  const dark = await open('/', 1280, 'dark')
  let looks = 0
  for (const on of [page, dark])
    for (const hash of pages) {
      await show(hash, on)
      assert.deepEqual(await axeViolations(on), [], hash)
      if (['/', '/traffic', '/apis'].includes(hash))
        await picture(on, `console-${hash.slice(1) || 'overview'}-${on === dark ? 'dark' : 'light'}`)
      looks += 1
    }
  const colour = await dark.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  const [red = 255] = (/\d+/.exec(colour) ?? []).map(Number)
  assert.ok(red < 80, colour)
  await dark.close()
  t.diagnostic(`${looks} looks by axe`)
})

test('360 pixels are enough for every page', needsChromium(), async () => {
  const phone = await open('/', 360)
  for (const hash of pages) {
    await show(hash, phone)
    const wide = await phone.evaluate<number>('document.documentElement.scrollWidth')
    assert.ok(wide <= 360, `${hash}: ${wide}`)
  }
  await phone.close()
})

test('pages are reached by keyboard alone', needsChromium(), async () => {
  await show('/')
  await page.keyboard.press('Escape')
  for (const [key, title] of [
    ['t', 'Traffic'],
    ['a', 'APIs'],
    ['f', 'Findings'],
    ['i', 'Identities'],
    ['p', 'Policy'],
    ['o', 'Overview'],
  ]) {
    await page.evaluate('document.activeElement?.blur()')
    await page.keyboard.press('g')
    await page.keyboard.press(key ?? '')
    for (let tries = 0; tries < 100 && !(await page.title()).startsWith(title ?? ''); tries++)
      await page.waitForTimeout(20)
    assert.ok((await page.title()).startsWith(title ?? ''), title ?? '')
  }
})

test('stored text is shown and never interpreted', needsChromium(), async () => {
  let stored: EventsReply['events'] = []
  for (let tries = 0; tries < 100 && stored.length < 2; tries++) {
    const { events } = (await (await fetch(`${gate.adminUrl}/api/v1/events?limit=200`)).json()) as EventsReply
    stored = events.filter(({ path }) => path.includes('onerror'))
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.ok(stored.length > 0, 'nothing hostile is on record')
  await show('/traffic')
  await page.waitForSelector('[data-row="0"]')
  for (const { id } of stored) await show(`/traffic/${id}`)
  for (const hash of [
    `/traffic/${encodeURIComponent(hostile)}`,
    `/apis/${encodeURIComponent(hostile)}`,
    `/findings/${encodeURIComponent(hostile)}`,
    `/identities/${encodeURIComponent(hostile)}`,
    `/traffic?q=${encodeURIComponent(hostile)}`,
  ]) {
    await page.goto(`${gate.adminUrl}/#${hash}`)
    await page.locator('#main').filter({ hasText: /.{20}/s }).waitFor()
  }
  assert.doesNotMatch(await page.title(), /owned/)
  assert.equal(await page.locator('img[src="x"]').count(), 0)
})

test(
  'the APIs page names every operation of the contract; findings and identities are those of the gateway',
  needsChromium(),
  async () => {
    await show('/apis/travel')
    const text = (await page.textContent('main')) ?? ''
    for (const path of ['/users/{userId}/profile', '/bookings', '/search'])
      assert.ok(text.includes(path), path)
    await show('/about')
    assert.match((await page.textContent('main')) ?? '', /0\.1\.0/)
  },
)

test(
  'the policy: checked, tried on recorded calls, saved, compared, taken back',
  needsChromium(),
  async () => {
    const current = async (): Promise<PolicyReply> =>
      page.evaluate(async () => (await fetch('/api/v1/policy')).json() as Promise<PolicyReply>)
    await show('/policy')
    const before = await current()
    const editor = page.getByLabel('Configuration')
    assert.equal(await editor.inputValue(), before.text)

    await editor.fill(before.text.replace('apis:', 'apiz:'))
    await page.getByRole('button', { name: 'Check' }).click()
    await page.getByText(/apiz/).first().waitFor()

    const next = before.text.replace(/rate: 10\/s/, 'rate: 9/s')
    assert.notEqual(next, before.text)
    await editor.fill(next)
    await page.getByRole('button', { name: 'Try on recorded calls' }).click()
    await page.getByText(/\d+ calls: \d+ decided as before|Nothing to judge/).waitFor()
    await page.getByLabel('What changes, for the history').fill('nine searches')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('cell', { name: 'nine searches' }).waitFor()
    assert.equal((await current()).text, next)

    await page.getByRole('button', { name: 'Compare' }).last().click()
    await page.locator('[data-kind="added"]', { hasText: 'rate: 9/s' }).waitFor()
    await page.getByRole('button', { name: 'Go back to it' }).last().click()
    await page.getByLabel('Why, for the record').fill('ten again')
    await page.getByRole('dialog').getByRole('button', { name: 'Go back to it' }).click()
    await page.getByRole('cell', { name: 'back to version 1' }).waitFor()
    assert.equal((await current()).text, before.text)
  },
)

test('the first load is below 300 KB compressed', needsChromium(), async (t) => {
  const first = await open('/', 1280)
  const urls = await first.evaluate<string[]>(`[
    location.origin + location.pathname,
    ...performance.getEntriesByType('resource').map(({ name }) => name)
      .filter((name) => /[.](?:js|css|svg)$/.test(new URL(name).pathname)),
  ]`)
  let bytes = 0
  for (const url of new Set(urls))
    bytes += brotliCompressSync(Buffer.from(await (await fetch(url)).arrayBuffer())).length
  await first.close()
  t.diagnostic(`${(bytes / 1024).toFixed(0)} KiB`)
  assert.ok(bytes < 300_000, `${bytes}`)
})

test('no page breaks its own policy or asks another host', needsChromium(), () => {
  assert.deepEqual(complaints, [])
})
