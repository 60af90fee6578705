import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SessionReply } from '../../../src/admin/contract.ts'
import { needsChromium } from '../../support/chromium.ts'
import type { ConsoleScene } from '../../support/console-scene.ts'
import { axeViolations } from '../../support/look.ts'

/** The ways in and out. The first leaves the scene's page signed in as administrator. */
export function testSignIn(scene: ConsoleScene): void {
  test(
    'with the token of the configuration: a wrong one is told, the right one is in',
    needsChromium(),
    async () => {
      const { page } = scene
      await page.goto(`${scene.gate.adminUrl}/#/settings`)
      await page.waitForSelector('text=Sign in to see')
      assert.deepEqual(await axeViolations(page), [])
      const enter = async (token: string): Promise<void> => {
        await page.getByLabel('Token', { exact: true }).fill(token)
        await page.getByRole('button', { name: 'Sign in with a token' }).click()
      }
      await enter('not the one')
      await page.getByRole('alert').waitFor()
      await enter(scene.token)
      await page.waitForSelector('h1 >> text=Settings')
      const session = (await (
        await scene.context.request.get(`${scene.gate.adminUrl}/api/v1/session`)
      ).json()) as SessionReply
      assert.deepEqual([session.via, session.role], ['token', 'administrator'])
    },
  )
}
