import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventsReply, FindingsReply, OverviewReply } from '../../../src/admin/contract.ts'
import { needsChromium } from '../../support/chromium.ts'
import { type ConsoleScene, until } from '../../support/console-scene.ts'
import { axeViolations, picture } from '../../support/look.ts'

interface Look {
  readonly hash: string
  /** A text that is there once the data is. */
  readonly shows: string
  /** Name of the pictures for the documents. */
  readonly picture?: string
  /** Made of the parts of another page: its colours are looked at there. */
  readonly like?: true
}

/** Pages whose pictures are kept like this, too. */
const inDark: ReadonlySet<string> = new Set(['overview', 'apis', 'policy'])
const onPhone: ReadonlySet<string> = new Set(['traffic', 'caller'])

async function looks({ get }: ConsoleScene): Promise<readonly Look[]> {
  const finding = await until(async () =>
    (await get<FindingsReply>('findings')).findings.find(({ subject }) => subject.kind === 'principal'),
  )
  const refused = await until(
    async () => (await get<EventsReply>('events?code=AUTHORIZE_OBJECT&limit=1')).events[0],
  )
  return [
    { hash: '/', shows: 'What is guarded', picture: 'overview' },
    { hash: '/traffic', shows: 'calls', picture: 'traffic' },
    { hash: `/traffic/${refused.id}`, shows: 'Eight stages', picture: 'call' },
    { hash: '/apis', shows: 'readProfile', picture: 'apis' },
    { hash: '/apis/travel?view=inventory', shows: 'readProfile' },
    { hash: '/apis/travel?view=contract', shows: 'openapi', like: true },
    { hash: '/findings', shows: 'Refused for a time', picture: 'findings' },
    { hash: `/findings/${finding.id}`, shows: 'What it rests on' },
    { hash: '/principals/travel%2Fmallory', shows: 'Objects that it touched', picture: 'caller' },
    { hash: '/identities', shows: 'olga@mail.example', picture: 'identities' },
    { hash: '/identities/sessions', shows: 'End', like: true },
    { hash: '/identities/clients', shows: 'sallyport-console', like: true },
    { hash: '/identities/keys', shows: 'importer', like: true },
    { hash: '/identities/locks', shows: 'guesses', like: true },
    { hash: '/identities/revoke', shows: 'Take back', like: true },
    { hash: '/policy', shows: 'History', picture: 'policy' },
    { hash: '/settings', shows: 'Colours' },
    { hash: '/about', shows: 'packages' },
  ]
}

/** Every page: what axe finds, light and dark, on a screen and on a phone. */
export function testPages(scene: ConsoleScene): void {
  for (const half of [0, 1])
    test(
      `every page (${half + 1} of 2): nothing that axe finds, light or dark; 360 pixels are enough`,
      needsChromium(),
      async (t) => {
        const { page } = scene
        // Nothing that was said before stands in a picture.
        await page.goto('about:blank')
        let seen = 0
        for (const { hash, shows, like, picture: name } of (await looks(scene)).filter(
          (_, index) => index % 2 === half,
        )) {
          await scene.show(hash)
          await page.waitForSelector(`main >> text=${shows} >> nth=0`)
          assert.deepEqual(await axeViolations(page), [], hash)
          if (name !== undefined) await picture(page, `console-${name}-light`)
          if (like === undefined) {
            await page.emulateMedia({ colorScheme: 'dark' })
            await page.waitForSelector('html[data-mantine-color-scheme=dark]')
            await page.evaluate(
              'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
            )
            await page.waitForTimeout(50)
            assert.deepEqual(await axeViolations(page, 'colours'), [], `${hash}, dark`)
            if (inDark.has(name ?? '')) await picture(page, `console-${name}-dark`)
            await page.emulateMedia({ colorScheme: 'light' })
          }
          await page.setViewportSize({ width: 360, height: 780 })
          const width = await page.evaluate<number>('document.documentElement.scrollWidth')
          assert.ok(width <= 360, `${hash} is ${width} px wide`)
          if (onPhone.has(name ?? '')) await picture(page, `console-${name}-phone`)
          await page.setViewportSize({ width: 1280, height: 860 })
          seen += 1
        }
        t.diagnostic(`${seen} pages`)
      },
    )

  test('the overview says what the gateway counted', needsChromium(), async () => {
    const { page } = scene
    await scene.show('/')
    const { buckets, posture } = await scene.get<OverviewReply>('overview?window=15m')
    const calls = buckets.reduce((sum, { allowed, denied }) => sum + allowed + denied, 0)
    const shown = await page.locator('dl dd').allTextContents()
    assert.match(shown[0] ?? '', new RegExp(`^${calls}`))
    assert.match(shown[5] ?? '', new RegExp(`^${Math.round(posture.score)} %`))
  })

  test('a place of the matrix tells the rule and where it is written', needsChromium(), async () => {
    const { page } = scene
    await scene.show('/apis/travel')
    const text = (await page.textContent('main')) ?? ''
    for (const path of ['/users/{userId}/profile', '/bookings', '/search'])
      assert.ok(text.includes(path), path)
    await page.click('[aria-label="object of readProfile: guarded"]')
    const detail = (await page.textContent('[data-detail]')) ?? ''
    assert.match(detail, /profile/)
    assert.match(detail, /sallyport\.yaml:\d+/)
  })

  test('the first load is below 300 KB compressed', needsChromium(), async (t) => {
    const context = await scene.browser.newContext({ storageState: await scene.context.storageState() })
    const first = await scene.open(context)
    await first.goto(`${scene.gate.adminUrl}/`)
    await first.waitForSelector('.recharts-surface')
    // As it was sent: what is compressed at the start is by now.
    const bytes = await first.evaluate<number>(`[
      ...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource'),
    ].filter(({ name }) => !name.includes('/api/')).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`)
    await context.close()
    t.diagnostic(`${(bytes / 1000).toFixed(0)} kB`)
    assert.ok(bytes > 50_000 && bytes < 300_000, `${bytes}`)
  })
}
