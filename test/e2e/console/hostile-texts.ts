import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import type { EventsReply } from '../../../src/admin/contract.ts'
import { needsChromium } from '../../support/chromium.ts'
import { type ConsoleScene, until } from '../../support/console-scene.ts'

/** What texts of strangers may try in a page. */
const payloads: readonly string[] = [
  '<img src=x onerror="globalThis.hit=1">',
  '<script>globalThis.hit=1</script>',
  '"><svg onload=globalThis.hit=1>',
  'javascript:globalThis.hit=1',
  "';globalThis.hit=1;'",
  '{{constructor.constructor("globalThis.hit=1")()}}',
  '\u202egnp.exe\u2066',
  '</style><style>*{display:none}</style>',
]

const hostile = payloads.join(' ')

/** Nothing of it ran, nothing of it became an element, no link leads into it. */
async function assertText(page: Page, where: string): Promise<void> {
  assert.equal(await page.evaluate('globalThis.hit'), undefined, where)
  assert.equal(await page.locator('img, svg[onload], main script, main style, [onerror]').count(), 0, where)
  const links = await page.locator('a').evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''))
  for (const link of links) assert.match(link, /^(#|\/)/, where)
}

const free: ReadonlySet<string> = new Set(
  'sub issuer client path operation address peer reason summary key name email rule place file by account userAgent title version id limit owner api credential traceId licence'.split(
    ' ',
  ),
)

/** Every free text of a reply, with the payloads behind it. */
function spoil(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return free.has(key) ? `${value} ${hostile}` : value
  if (Array.isArray(value)) return value.map((one) => spoil(one, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spoil(one, name)]))
}

async function callWith({ gate }: ConsoleScene): Promise<void> {
  for (const payload of payloads) {
    const token = await gate.token(payload)
    const headers = { 'user-agent': payload.replace(/[^\x20-\x7e]/g, '?') }
    for (const [path, options] of [
      [`/${encodeURIComponent(payload)}`, { headers }],
      [`/search?from=${encodeURIComponent(payload)}`, { token, headers }],
      ['/bookings', { token }],
    ] as const)
      await (await gate.call(path, options)).arrayBuffer()
  }
}

/** Texts of strangers stay texts. */
export function testHostileTexts(scene: ConsoleScene): void {
  test('what callers send is stored and shown as text', needsChromium(), async () => {
    const { page } = scene
    await callWith(scene)
    const one = await until(async () => {
      const { events } = await scene.get<EventsReply>('events?limit=200')
      return events.find(({ sub, operation }) => sub === payloads[0] && operation === 'listBookings')
    })
    for (const hash of [
      '/',
      '/findings',
      '/traffic',
      `/traffic?sub=${encodeURIComponent(payloads[1] ?? '')}`,
    ]) {
      await scene.show(hash)
      if (hash.startsWith('/traffic')) await page.waitForSelector('[data-row="0"]')
      await assertText(page, hash)
    }
    await scene.show(`/traffic/${one.id}`)
    await page.waitForSelector('[data-stage]')
    assert.ok(((await page.textContent('main')) ?? '').includes(payloads[0] ?? '?'))
    await assertText(page, 'call')
  })

  test('no page interprets any text of the admin API', needsChromium(), async (t) => {
    const page = await scene.open()
    await page.route(/\/api\/v1\/(?!stream|session)/, async (route) => {
      const real = await route.fetch()
      if (!real.ok()) return route.fulfill({ response: real })
      await route.fulfill({ response: real, json: spoil(await real.json()) })
    })
    const hashes = [
      '/',
      '/traffic',
      '/apis',
      '/apis/x?view=inventory',
      '/apis/x?view=contract',
      '/findings',
      '/about',
      '/identities/keys',
      '/identities/clients',
      '/identities/locks',
      '/identities/accounts',
      '/principals/travel%2F123',
      `/${encodeURIComponent(hostile)}`,
      `/traffic/${encodeURIComponent(hostile)}`,
      `/findings/${encodeURIComponent(hostile)}`,
      `/identities/${encodeURIComponent(hostile)}`,
    ]
    const without: string[] = []
    for (const hash of hashes) {
      await scene.show(hash, page)
      const shown = page.locator('#main', { hasText: 'onerror' }).first()
      await shown.waitFor({ timeout: 1500 }).catch(() => without.push(hash))
      await assertText(page, hash)
    }
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.close()
    t.diagnostic(`${hashes.length - without.length} of ${hashes.length} pages showed the payloads`)
    assert.ok(without.length <= 1, without.join(' '))
  })

  test('markup that code tries to make is stopped by the policy itself', needsChromium(), async () => {
    const context = await scene.browser.newContext()
    const page = await context.newPage()
    await page.goto(scene.gate.adminUrl)
    await page.waitForSelector('h1')
    const made = await page.evaluate(`(() => {
      const box = document.createElement('div')
      document.body.append(box)
      try { box.innerHTML = '<img src=x onerror="globalThis.hit=1">' } catch (error) { return error.name }
      return box.innerHTML
    })()`)
    assert.equal(made, 'TypeError')
    await assertText(page, 'sign-in')
    await context.close()
  })
}
