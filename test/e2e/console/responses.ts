import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FindingReply, FindingsReply } from '../../../src/admin/contract.ts'
import { needsChromium } from '../../support/chromium.ts'
import { type ConsoleScene, until } from '../../support/console-scene.ts'

/** What is done about findings and callers, by the buttons of the pages. */
export function testResponses(scene: ConsoleScene): void {
  test('a finding is seen to from the page, and the gateway knows', needsChromium(), async () => {
    const { page } = scene
    const found = await until(async () => (await scene.get<FindingsReply>('findings')).findings[0])
    await scene.show(`/findings/${found.id}`)
    await page.click('button >> text=Seen to')
    await page.fill('[role=dialog] input', 'a scanner of our own')
    await page.click('[role=dialog] button[type=submit]')
    await page.waitForSelector('text=a scanner of our own')
    const now = await scene.get<FindingReply>(`findings/${found.id}`)
    assert.equal(now.state, 'acknowledged')
    assert.equal(now.responses[0]?.reason, 'a scanner of our own')
  })
}
