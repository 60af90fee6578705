import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PolicyReply } from '../../../src/admin/contract.ts'
import { needsChromium } from '../../support/chromium.ts'
import { type ConsoleScene, until } from '../../support/console-scene.ts'
import { axeViolations } from '../../support/look.ts'
import { confirm } from './confirm.ts'

/** The policy in the console: written with what the schema knows, checked, tried, saved, compared, taken back. */
export function testPolicy(scene: ConsoleScene): void {
  test('the policy: what can be written is offered, by the keyboard alone', needsChromium(), async () => {
    const { page } = scene
    await scene.show('/policy')
    const editor = page.getByLabel('Configuration')
    const whole = await editor.inputValue()
    await editor.focus()
    await page.keyboard.press('Control+End')
    await page.keyboard.type('\noverload: { mo')
    await page.getByRole('option', { name: 'mode' }).waitFor()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Control+Space')
    await page.getByRole('option', { name: 'observe' }).waitFor()
    await page.getByRole('listbox').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.keyboard.type('ob')
    await page.keyboard.press('Tab')
    await page.getByRole('listbox').waitFor({ state: 'detached' })
    await page.keyboard.type(' }')
    assert.equal(await editor.inputValue(), `${whole}\noverload: { mode: observe }`)
    await page.keyboard.press('Control+Space')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Tab')
    assert.notEqual(await page.evaluate('document.activeElement.tagName'), 'TEXTAREA', 'Tab leads on')
    await page.getByRole('button', { name: 'Take back' }).click()
  })

  test(
    'the policy: checked, tried on recorded calls, saved, compared, taken back',
    needsChromium(),
    async () => {
      const { page } = scene
      const current = (): Promise<PolicyReply> => scene.get('policy')
      await scene.show('/policy')
      const before = await current()
      const editor = page.getByLabel('Configuration')
      assert.equal(await editor.inputValue(), before.text)

      // What is typed is checked by itself, and marked where it stands.
      await editor.fill(before.text.replace('apis:', 'apiz:'))
      await page.getByText(/apiz/).first().waitFor()
      const line = before.text.slice(0, before.text.indexOf('apis:')).split('\n').length
      await page.locator('[data-severity="error"]', { hasText: new RegExp(`^${line}$`) }).waitFor()
      await page.getByRole('button', { name: `line ${line}`, exact: true }).click()
      assert.equal(
        await editor.evaluate((field) => (field as unknown as { selectionStart: number }).selectionStart),
        before.text.indexOf('apis:'),
      )

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

  test('a check that watches is made to enforce, and to watch again', needsChromium(), async () => {
    const { page } = scene
    const text = async (): Promise<string> => (await scene.get<PolicyReply>('policy')).text
    const becomes = (wanted: string): Promise<true> =>
      until(async () => ((await text()) === wanted ? true : undefined))
    await scene.show('/policy')
    const before = await text()
    const row = page.getByRole('row', { name: /screen\.schema/ })
    await row.getByRole('button', { name: 'Enforce' }).click()
    await page.locator('[data-kind="added"]', { hasText: 'response-schema: enforce' }).waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('cell', { name: 'screen.schema of travel enforces' }).waitFor()
    await becomes(before.replace('response-schema: observe', 'response-schema: enforce'))
    await page.getByRole('button', { name: 'Go back to it' }).last().click()
    await confirm(page, 'Go back to it', 'too early')
    await becomes(before)
  })
}
