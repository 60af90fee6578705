import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PolicyReply } from '../../../src/admin/contract.ts'
import { needsChromium } from '../../support/chromium.ts'
import type { ConsoleScene } from '../../support/console-scene.ts'

/** The policy in the console: checked, tried, saved, compared, taken back. */
export function testPolicy(scene: ConsoleScene): void {
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

      await editor.fill(before.text.replace('apis:', 'apiz:'))
      await page.getByRole('button', { name: 'Check' }).click()
      await page.getByText(/apiz/).first().waitFor()

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
}
