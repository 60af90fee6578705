import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { EventsReply } from '../../src/admin/contract.ts'
import { launchChromium, needsChromium } from '../support/chromium.ts'
import { type ConsoleGate, startConsoleGate } from '../support/console-gate.ts'
import { axeViolations } from '../support/look.ts'

let gate: ConsoleGate
let browser: Browser | undefined
const complaints: string[] = []

before(async () => {
  gate = await startConsoleGate()
  await gate.traffic()
  if (needsChromium().skip === false) browser = await launchChromium()
})

after(async () => {
  await browser?.close()
  await gate[Symbol.asyncDispose]()
})

async function open(hash: string, width = 1280, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  assert.ok(browser)
  const page = await browser.newPage({ viewport: { width, height: 860 }, colorScheme })
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(`${gate.adminUrl}/#${hash}`)
  await page.waitForSelector('h1')
  return page
}

async function denied(): Promise<EventsReply['events']> {
  const reply = await fetch(`${gate.adminUrl}/api/v1/events?outcome=denied`)
  return ((await reply.json()) as EventsReply).events
}

test('the table shows what the gateway recorded, and a filter what it finds', needsChromium(), async () => {
  const page = await open('/traffic')
  await page.waitForSelector('[data-row="0"]')
  const [first] = ((await (await fetch(`${gate.adminUrl}/api/v1/events?limit=1`)).json()) as EventsReply)
    .events
  assert.match(
    (await page.textContent('[data-row="0"]')) ?? '',
    new RegExp(`${first?.method}.*${first?.path}`),
  )
  await page.keyboard.press('/')
  await page.keyboard.type('code:AUTHORIZE_FUNCTION')
  await page.keyboard.press('Enter')
  await page.waitForURL(/code=AUTHORIZE_FUNCTION/)
  await page.waitForSelector('[data-row="0"]')
  const paths = await page.locator('[data-row]').allTextContents()
  assert.deepEqual(paths, ['GET/admin/users'])
  await page.close()
})

test(
  'a refused call tells in one sentence why, and shows the stages it came to',
  needsChromium(),
  async () => {
    const call = (await denied()).find(({ code }) => code === 'AUTHORIZE_FUNCTION')
    assert.ok(call)
    const page = await open(`/traffic/${call.id}`)
    await page.waitForSelector('[data-why]')
    assert.match((await page.textContent('[data-why]')) ?? '', /^123 may not use this function .*403\.$/)
    const stages = await page
      .locator('[data-stage]')
      .evaluateAll((rows) =>
        rows.map((row) => `${row.getAttribute('data-stage')} ${row.getAttribute('data-reached')}`),
      )
    assert.deepEqual(stages.slice(0, 8), [
      'listen true',
      'match true',
      'identify true',
      'authorize true',
      'limit false',
      'inspect false',
      'forward false',
      'screen false',
    ])
    const curl = (await page.textContent('pre')) ?? ''
    assert.match(curl, /^curl -i -H "Authorization: Bearer \$TOKEN" "\$GATE"\/admin\/users$/)
    assert.deepEqual(await axeViolations(page), [])
    await page.close()
  },
)

test('no page breaks its own policy', needsChromium(), () => {
  assert.deepEqual(complaints, [])
})
