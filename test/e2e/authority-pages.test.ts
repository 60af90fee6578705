import assert from 'node:assert/strict'
import { test } from 'node:test'
import { walk } from '../support/authority-pages/walk.ts'
import { startWholeAuthority } from '../support/authority-pages/whole-authority.ts'
import { launchChromium, needsChromium } from '../support/chromium.ts'
import { axeViolations, picture } from '../support/look.ts'

const pagesOfTheWalk = 27
const shown: ReadonlySet<string> = new Set([
  'login',
  'register-refused',
  'consent',
  'account',
  'totp',
  'recovery-codes',
  'security-on',
  'device-confirm',
  'grants',
  'sessions',
])

test(
  'the walk with JavaScript off, at 360 px: every page works and none is wider than the screen',
  needsChromium(),
  async (t) => {
    await using whole = await startWholeAuthority()
    await using browser = await launchChromium()
    const context = await browser.newContext({
      javaScriptEnabled: false,
      viewport: { width: 360, height: 740 },
    })
    const seen = new Set<string>()
    await walk(context, whole, 'ada@example.test', async (page, name) => {
      seen.add(name)
      // No script answers here; the browser itself says how wide the page is.
      const session = await context.newCDPSession(page)
      const { cssContentSize } = await session.send('Page.getLayoutMetrics')
      assert.ok(cssContentSize.width <= 360, `${name} is ${cssContentSize.width} px wide`)
      await session.detach()
      if (name === 'consent' || name === 'account') await picture(page, `authority-${name}-phone`)
    })
    t.diagnostic(`${seen.size} pages seen`)
    assert.equal(seen.size, pagesOfTheWalk)
  },
)

test(
  'axe finds nothing on any page, light and dark; no page breaks its own policy',
  needsChromium(),
  async (t) => {
    await using whole = await startWholeAuthority()
    await using browser = await launchChromium()
    const context = await browser.newContext({ viewport: { width: 960, height: 640 } })
    const complaints: string[] = []
    context.on('console', (message) => {
      // A page that shows a refusal is a 4xx: the browser notes that, and it is meant.
      if (message.type() === 'error' && !/the server responded with a status of 4/.test(message.text()))
        complaints.push(message.text())
    })
    let looks = 0
    await walk(context, whole, 'ada@example.test', async (page, name) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const found = await axeViolations(page, colorScheme === 'light' ? 'everything' : 'colours')
        assert.deepEqual(found, [], `${name}, ${colorScheme}`)
        looks += 1
        if (shown.has(name)) await picture(page, `authority-${name}-${colorScheme}`)
      }
      await page.emulateMedia({ colorScheme: 'light' })
    })
    t.diagnostic(`${looks} looks by axe`)
    assert.equal(looks, pagesOfTheWalk * 2)
    assert.deepEqual(complaints, [])
  },
)
