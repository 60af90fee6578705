import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventsReply } from '../../../src/admin/contract.ts'
import { needsChromium } from '../../support/chromium.ts'
import type { ConsoleScene } from '../../support/console-scene.ts'

/** The table of calls, and the page of one. */
export function testCalls(scene: ConsoleScene): void {
  test('the table shows what the gateway recorded, and a filter what it finds', needsChromium(), async () => {
    const { page } = scene
    await scene.show('/traffic')
    await page.waitForSelector('[data-row="0"]')
    await page.keyboard.press('/')
    await page.keyboard.type('code:AUTHORIZE_FUNCTION')
    await page.keyboard.press('Enter')
    await page.waitForURL(/code=AUTHORIZE_FUNCTION/)
    await page.locator('[data-row="0"]', { hasText: '/admin/users' }).waitFor()
    await page.locator('[data-row="1"]').waitFor({ state: 'detached' })
    assert.deepEqual(await page.locator('[data-row]').allTextContents(), ['GET/admin/users'])
    await page.reload()
    await page.waitForSelector('[data-row="0"]')
    assert.equal(await page.inputValue('#filter'), 'code:AUTHORIZE_FUNCTION')
  })

  test('a new call appears in an open table', needsChromium(), async () => {
    const { page } = scene
    await scene.show('/traffic?q=just-now')
    await page.waitForSelector('text=No call fits')
    await page.waitForSelector('main >> text=live')
    await (await scene.gate.call('/just-now-a')).arrayBuffer()
    await page.waitForSelector('[data-row="0"] >> text=/just-now-a')
  })

  test('a refused call: why in one sentence, the stages, and itself as curl', needsChromium(), async () => {
    const { page } = scene
    const { events } = await scene.get<EventsReply>('events?code=AUTHORIZE_FUNCTION')
    const [call] = events
    assert.ok(call)
    await scene.show(`/traffic/${call.id}`)
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
    await page.getByRole('button', { name: 'Copy as curl' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), curl)
  })
}
