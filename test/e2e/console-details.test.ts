import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { EventsReply, FindingReply, FindingsReply, OverviewReply } from '../../src/admin/contract.ts'
import { launchChromium, needsChromium } from '../support/chromium.ts'
import { type ConsoleGate, startConsoleGate } from '../support/console-gate.ts'
import { axeViolations, picture } from '../support/look.ts'

let gate: ConsoleGate
let browser: Browser | undefined
let finding: FindingReply | undefined
let refused = ''
const complaints: string[] = []
const elsewhere: string[] = []

before(async () => {
  gate = await startConsoleGate((config) => {
    config.admin.loopback = 'administrator'
  })
  await gate.traffic()
  finding = await until(async () => (await get<FindingsReply>('findings')).findings[0])
  const { events } = await get<EventsReply>('events?outcome=denied&stage=authorize')
  refused = events[0]?.id ?? ''
  if (needsChromium().skip === false) browser = await launchChromium()
})

after(async () => {
  await browser?.close()
  await gate[Symbol.asyncDispose]()
})

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(`${gate.adminUrl}/api/v1/${path}`)).json()) as T
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('it did not come')
}

async function open(hash: string, width = 1280, prepare?: (page: Page) => Promise<void>): Promise<Page> {
  assert.ok(browser)
  const page = await browser.newPage({ viewport: { width, height: 860 }, colorScheme: 'light' })
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(gate.adminUrl)) elsewhere.push(request.url())
  })
  await prepare?.(page)
  await page.goto(`${gate.adminUrl}/#${hash}`)
  await page.waitForSelector('h1')
  await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => undefined)
  return page
}

/** The pages behind the pages (console-pages.test.ts has those of the menu), with a text that is there once the data is. */
function pages(): readonly (readonly [name: string, hash: string, shows: string])[] {
  return [
    ['call', `/traffic/${refused}`, 'Eight stages'],
    ['inventory', '/apis/travel?view=inventory', 'readProfile'],
    ['contract', '/apis/travel?view=contract', 'openapi'],
    ['finding', `/findings/${finding?.id}`, 'What it rests on'],
    ['keys', '/identities/keys', 'No API key yet'],
    ['revoke', '/identities/revoke', 'Take back'],
  ]
}

test(
  'axe finds nothing on the pages behind them, light or dark; nothing is asked from elsewhere',
  needsChromium(),
  async () => {
    for (const [name, hash, shows] of pages()) {
      const page = await open(hash)
      await page.waitForSelector(`text=${shows} >> nth=0`)
      assert.deepEqual(await axeViolations(page), [], name)
      if (name === 'call') await picture(page, 'console-call-light')
      await page.emulateMedia({ colorScheme: 'dark' })
      await page.waitForSelector('html[data-mantine-color-scheme=dark]')
      await page.waitForTimeout(250)
      assert.deepEqual(await axeViolations(page, 'colours'), [], `${name}, dark`)
      await page.close()
    }
    assert.deepEqual(elsewhere, [])
    assert.deepEqual(complaints, [])
  },
)

test('at 360 px no page is wider than the screen, and the menu opens', needsChromium(), async () => {
  for (const [name, hash, shows] of pages()) {
    const page = await open(hash, 360)
    await page.waitForSelector(`text=${shows} >> nth=0`)
    const width = await page.evaluate('document.documentElement.scrollWidth')
    assert.ok(Number(width) <= 360, `${name} is ${width} px wide`)
    await page.close()
  }
  const page = await open('/', 360)
  await page.click('[aria-label=Menu]')
  await page.click('nav >> text=Traffic')
  await page.waitForSelector('[data-row="0"]')
  await picture(page, 'console-traffic-phone')
  await page.close()
})

test('the overview says what the gateway counted', needsChromium(), async () => {
  const page = await open('/')
  const { buckets, posture } = await get<OverviewReply>('overview?window=15m')
  const calls = buckets.reduce((sum, { allowed, denied }) => sum + allowed + denied, 0)
  const shown = await page.locator('dl dd').allTextContents()
  assert.match(shown[0] ?? '', new RegExp(`^${calls}`))
  assert.match(shown[5] ?? '', new RegExp(`^${Math.round(posture.score)} %`))
  await page.close()
})

test('a new call appears in an open table', needsChromium(), async () => {
  const page = await open('/traffic?q=just-now')
  await page.waitForSelector('text=No call fits')
  await (await gate.call('/just-now-a')).arrayBuffer()
  await page.waitForSelector('[data-row="0"] >> text=/just-now-a')
  await page.close()
})

test('a place of the matrix tells the rule and where it is written', needsChromium(), async () => {
  const page = await open('/apis')
  await page.click('[aria-label="object of readProfile: guarded"]')
  const detail = (await page.textContent('[data-detail]')) ?? ''
  assert.match(detail, /profile/)
  assert.match(detail, /sallyport\.yaml:\d+/)
  await page.close()
})

test('a finding is seen to from the page, and the gateway knows', needsChromium(), async () => {
  const page = await open(`/findings/${finding?.id}`)
  await page.click('button >> text=Seen to')
  await page.fill('[role=dialog] input', 'a scanner of our own')
  await page.click('[role=dialog] button[type=submit]')
  await page.waitForSelector('text=a scanner of our own')
  const now = await get<FindingReply>(`findings/${finding?.id}`)
  assert.equal(now.state, 'acknowledged')
  assert.equal(now.responses[0]?.reason, 'a scanner of our own')
  await page.close()
})

test('everything can be reached by the keyboard', needsChromium(), async () => {
  const page = await open('/')
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the content')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate('document.activeElement.id'), 'main')
  await page.keyboard.press('g')
  await page.keyboard.press('t')
  await page.waitForSelector('[data-row="1"]')
  await page.locator('[data-row="0"]').focus()
  await page.keyboard.press('ArrowDown')
  assert.equal(await page.evaluate('document.activeElement.dataset.row'), '1')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-why]')
  await page.keyboard.press('?')
  await page.waitForSelector('[role=dialog] >> text=filter the calls')
  await page.keyboard.press('Escape')
  await page.waitForSelector('[role=dialog]', { state: 'detached' })
  await page.keyboard.press('/')
  await page.waitForSelector('h1 >> text=Traffic')
  await page.close()
})

test('colours stay as they were chosen', needsChromium(), async () => {
  const page = await open('/')
  await page.click('[aria-label="Dark colours"]')
  await page.reload()
  await page.waitForSelector('html[data-mantine-color-scheme=dark]')
  await page.close()
})
