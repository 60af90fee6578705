import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { seeTitle, walk, walkPassword } from '../support/authority-pages/walk.ts'
import { startWholeAuthority, type WholeAuthority } from '../support/authority-pages/whole-authority.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'

const place = findChromium()
const missing =
  place === undefined
    ? 'no Chromium on this machine: the pages were not seen by a browser (apt-get install chromium)'
    : undefined
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const pictures = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url))
const takePictures = process.env['UPDATE_SCREENSHOTS'] === '1'

let browser: Browser
let whole: WholeAuthority

before(async () => {
  if (place === undefined) return
  browser = await launchChromium(place)
  whole = await startWholeAuthority()
})
after(async () => {
  await browser?.close()
  await whole?.close()
})

test('Chromium is there', { skip: process.env['CI'] === 'true' ? false : (missing ?? false) }, () => {
  assert.equal(missing, undefined)
})

const options = { skip: missing ?? false, timeout: 90_000 }

test(
  'the walk with JavaScript off, at 360 px: every page works and none is wider than the screen',
  options,
  async (t) => {
    const context = await browser.newContext({
      javaScriptEnabled: false,
      viewport: { width: 360, height: 740 },
    })
    const seen = new Set<string>()
    await walk(context, whole, 'phone@example.test', async (page, name) => {
      seen.add(name)
      // No script answers here; the browser itself says how wide the page is.
      const session = await context.newCDPSession(page)
      const { cssContentSize } = await session.send('Page.getLayoutMetrics')
      assert.ok(cssContentSize.width <= 360, `${name} is ${cssContentSize.width} px wide`)
      await session.detach()
    })
    t.diagnostic(`${seen.size} pages seen`)
    assert.ok(seen.size >= 27)
    await context.close()
  },
)

test('axe finds nothing on any page, light and dark; no page breaks its own policy', options, async (t) => {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 } })
  const complaints: string[] = []
  context.on('console', (message) => {
    // A page that shows a refusal is a 4xx: the browser notes that, and it is meant.
    if (message.type() === 'error' && !/the server responded with a status of 4/.test(message.text()))
      complaints.push(message.text())
  })
  let checked = 0
  await walk(context, whole, 'desk@example.test', async (page, name) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      assert.deepEqual(await violations(page), [], `${name}, ${colorScheme}`)
      checked += 1
      await picture(page, name, colorScheme)
    }
    await page.emulateMedia({ colorScheme: 'light' })
  })
  t.diagnostic(`${checked} looks by axe`)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a passkey: added, signs in alone, and stands in for the code', options, async () => {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 } })
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  const email = 'key@example.test'
  const account = `${whole.issuer}/account`
  await signUp(page, email)
  await page.goto(`${account}/passkeys/new`)
  assert.deepEqual(await violations(page), [])
  await picture(page, 'passkey-add', 'light')
  await page.fill('#name', 'test key')
  await page.click('#passkey-form button')
  await page.waitForURL(`${account}/security`)
  assert.match((await page.textContent('main')) ?? '', /test key/)

  await page.click('text=Sign out')
  await page.goto(`${account}/login`)
  await page.click('text=Sign in with a passkey')
  assert.deepEqual(await violations(page), [])
  await picture(page, 'passkey', 'light')
  await page.click('#passkey-form button')
  await page.waitForURL(account)
  await seeTitle(page, /Your account/)

  await page.click('text=Sign out')
  await page.goto(`${account}/login`)
  await page.fill('#email', email)
  await page.fill('#password', walkPassword)
  await page.click('main form button')
  await seeTitle(page, /passkey/)
  await page.click('#passkey-form button')
  await page.waitForURL(account)
  assert.deepEqual(errors, [])
  await context.close()
})

test('first set-up by its one-time link', options, async () => {
  const fresh = await startWholeAuthority()
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    const link = await fresh.accounts.people.createSetupToken()
    assert.ok(link)
    await page.goto(link.link)
    await seeTitle(page, /First set-up/)
    assert.deepEqual(await violations(page), [])
    await picture(page, 'set-up', 'light')
    await page.fill('#email', 'root@example.test')
    await page.fill('#password', walkPassword)
    await page.click('main form button')
    await seeTitle(page, /Administrator created/)
    await page.goto(link.link)
    await page.fill('#email', 'other@example.test')
    await page.fill('#password', walkPassword)
    await page.click('main form button')
    await seeTitle(page, /did not work/)
  } finally {
    await context.close()
    await fresh.close()
  }
})

test('sign-out that an application asks for is confirmed, and leads back to it', options, async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await signUp(page, 'leaving@example.test')
  await page.goto(
    `${whole.issuer}/logout?client_id=planner&post_logout_redirect_uri=${encodeURIComponent(`${whole.clientOrigin}/callback`)}`,
  )
  await seeTitle(page, /Sign out\?/)
  assert.deepEqual(await violations(page), [])
  await picture(page, 'logout', 'light')
  await page.click('text=Yes, sign out')
  await page.waitForURL(`${whole.clientOrigin}/callback**`)
  await page.goto(`${whole.issuer}/account`)
  await seeTitle(page, /Sign in/)
  await signIn(page, 'leaving@example.test')
  await page.goto(`${whole.issuer}/logout`)
  await page.click('text=Yes, sign out')
  await seeTitle(page, /Signed out/)
  await context.close()
})

/** Registers, confirms and signs in at the account pages. */
async function signUp(page: Page, email: string): Promise<void> {
  await page.goto(`${whole.issuer}/account/login/register`)
  await page.fill('#email', email)
  await page.fill('#password', walkPassword)
  await page.click('main form button')
  await page.goto(`${whole.issuer}/account/mail`)
  await page.click('.mail >> nth=0 >> a')
  await page.click('main form button')
  await page.click('main a.button')
  await signIn(page, email)
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.fill('#email', email)
  await page.fill('#password', walkPassword)
  await page.click('main form button')
  await seeTitle(page, /Your account/)
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  )
  return results.violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`,
  )
}

async function picture(page: Page, name: string, colorScheme: 'light' | 'dark'): Promise<void> {
  if (!takePictures) return
  mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: `${pictures}authority-${name}-${colorScheme}.png`, fullPage: true })
}
