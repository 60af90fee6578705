import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KeysReply } from '../../../src/admin/contract.ts'
import { needsChromium } from '../../support/chromium.ts'
import { type ConsoleScene, until } from '../../support/console-scene.ts'
import { confirm } from './confirm.ts'

/** Who may come, as the pages show and change it. The sign-in tests left an account, its session and a client. */
export function testIdentities(scene: ConsoleScene): void {
  test('a key is made, shown once, copied, and listed; another is taken back', needsChromium(), async () => {
    const { page } = scene
    for (const name of ['importer', 'exporter']) {
      await scene.show('/identities/keys')
      await page.getByRole('button', { name: 'New key' }).click()
      await page.getByLabel('Name').fill(name)
      await page.getByLabel('Owner').fill('team-data')
      await page.getByLabel('Scopes').fill('bookings:read search')
      await page.getByRole('button', { name: 'Make it' }).click()
      const text = (await page.textContent('[data-once] pre')) ?? ''
      assert.ok(text.length > 30)
      await page.getByRole('button', { name: 'Copy' }).click()
      await page.getByRole('button', { name: 'Copied' }).waitFor()
      assert.equal(await page.evaluate('navigator.clipboard.readText()'), text)
      await page.keyboard.press('Escape')
      await page.getByRole('cell', { name }).first().waitFor()
      assert.ok(!(await page.content()).includes(text), 'it is shown once')
    }
    const row = page.getByRole('row', { name: 'exporter' })
    await row.getByRole('button', { name: 'Revoke' }).click()
    await confirm(page, 'Revoke', 'it leaked')
    await row.getByText('revoked').waitFor()
    const { items } = await scene.get<KeysReply>('keys')
    assert.deepEqual(items.map(({ name, state }) => `${name} ${state}`).toSorted(), [
      'exporter revoked',
      'importer active',
    ])
  })

  test('who guessed too often is locked, and unlocked by hand', needsChromium(), async () => {
    const { page } = scene
    await scene.show('/identities/locks')
    await page.getByRole('button', { name: 'Unlock' }).click()
    await confirm(page, 'Unlock', 'it was Carol herself')
    await page.waitForSelector('text=Nobody is locked')
    // One more, for the pages that are looked at next.
    await until(async () => {
      const body = JSON.stringify({ username: 'dave', password: 'a guess' })
      const { status } = await scene.gate.call('/login', { method: 'POST', body })
      return status === 429 ? status : undefined
    })
  })

  test('accounts: disabled, enabled, other roles', needsChromium(), async () => {
    const { page } = scene
    await scene.show('/identities')
    const row = page.getByRole('row', { name: 'olga@mail.example' })
    await row.getByRole('button', { name: 'Disable' }).click()
    await confirm(page, 'Disable', 'on leave')
    await row.getByText('disabled').waitFor()
    await row.getByRole('button', { name: 'Enable' }).click()
    await confirm(page, 'Enable', 'back again')
    await row.getByRole('button', { name: 'Roles' }).click()
    await page.getByRole('dialog').getByLabel('Roles').fill('sallyport-viewer pilot')
    await page.getByRole('button', { name: 'Set roles' }).click()
    await row.getByText('sallyport-viewer, pilot').waitFor()
  })
}
