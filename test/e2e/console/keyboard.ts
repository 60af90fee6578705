import assert from 'node:assert/strict'
import { test } from 'node:test'
import { needsChromium } from '../../support/chromium.ts'
import type { ConsoleScene } from '../../support/console-scene.ts'

/** What works without a mouse, and on a phone. */
export function testKeyboard(scene: ConsoleScene): void {
  test('everything can be reached by the keyboard', needsChromium(), async () => {
    const { page } = scene
    await page.goto('about:blank')
    await scene.show('/')
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the content')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate('document.activeElement.id'), 'main')
    for (const [key, title] of [
      ['a', 'APIs'],
      ['f', 'Findings'],
      ['i', 'Identities'],
      ['p', 'Policy'],
      ['o', 'Overview'],
      ['t', 'Traffic'],
    ] as const) {
      await page.evaluate('document.activeElement?.blur()')
      await page.keyboard.press('g')
      await page.keyboard.press(key)
      for (let tries = 0; tries < 200 && !(await page.title()).startsWith(title); tries++)
        await page.waitForTimeout(20)
      assert.ok((await page.title()).startsWith(title), title)
    }
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
  })

  test('colours stay as they were chosen; the menu of a phone opens', needsChromium(), async () => {
    const { page } = scene
    await scene.show('/')
    await page.click('[aria-label="Dark colours"]')
    await page.reload()
    await page.waitForSelector('html[data-mantine-color-scheme=dark]')
    await page.evaluate('localStorage.clear()')
    await page.setViewportSize({ width: 360, height: 780 })
    await page.reload()
    await page.click('[aria-label=Menu]')
    await page.click('nav >> text=Traffic')
    await page.waitForSelector('[data-row="0"]')
    await page.setViewportSize({ width: 1280, height: 860 })
  })
}
