import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BlocksReply, FindingReply, FindingsReply } from '../../../src/admin/contract.ts'
import { needsChromium } from '../../support/chromium.ts'
import { type ConsoleScene, until } from '../../support/console-scene.ts'
import { confirm } from './confirm.ts'

/** What is done about findings and callers, by the buttons of the pages. */
export function testResponses(scene: ConsoleScene): void {
  const finding = (kind: string): Promise<FindingReply> =>
    until(async () =>
      (await scene.get<FindingsReply>('findings')).findings.find(({ subject }) => subject.kind === kind),
    )

  test('a finding is seen to from the page, and the gateway knows', needsChromium(), async () => {
    const { page } = scene
    const { id } = await finding('address')
    await scene.show(`/findings/${id}`)
    await page.getByRole('button', { name: 'Seen to' }).click()
    await confirm(page, 'Seen to', 'a scanner of our own')
    await page.waitForSelector('text=a scanner of our own')
    const now = await scene.get<FindingReply>(`findings/${id}`)
    assert.equal(now.state, 'acknowledged')
    assert.equal(now.responses[0]?.reason, 'a scanner of our own')
  })

  test(
    'a caller: blocked and released, signed in anew, taken back what it has',
    needsChromium(),
    async () => {
      const { page, gate } = scene
      const { id } = await finding('principal')
      const token = await gate.token('mallory')
      const call = async (): Promise<number> => (await gate.call('/bookings', { token })).status
      const becomes = (status: number): Promise<number> =>
        until(async () => ((await call()) === status ? status : undefined))
      await scene.show(`/findings/${id}`)
      await page.getByRole('button', { name: 'Block' }).click()
      await confirm(page, 'Block', 'reads what is not its own')
      await becomes(429)
      await page.getByRole('button', { name: 'Release' }).click()
      await confirm(page, 'Release', 'a test of ours')
      await becomes(200)
      await page.getByRole('button', { name: 'Sign in again' }).click()
      await confirm(page, 'Sign in again', 'to be sure')
      await becomes(401)
      assert.deepEqual(
        (await scene.get<FindingReply>(`findings/${id}`)).responses.map(({ action }) => action),
        ['block', 'release', 'step-up'],
      )

      await page.getByRole('link', { name: 'travel/mallory' }).click()
      await page.waitForSelector('text=Objects that it touched')
      await page.getByRole('button', { name: 'Revoke' }).first().click()
      await confirm(page, 'Revoke', 'all of it')
      await page.waitForSelector('text=Revoked: travel/mallory')
    },
  )

  test('somebody is blocked by hand, and released', needsChromium(), async () => {
    const { page } = scene
    await scene.show('/')
    await page.getByRole('link', { name: /^456/ }).click()
    await page.waitForSelector('h1 >> text=456')
    await page.getByRole('button', { name: 'Block' }).click()
    await confirm(page, 'Block', 'by hand')
    await page.getByRole('table', { name: 'Blocks' }).getByText('by hand').waitFor()
    await scene.show('/findings')
    await page.getByRole('row', { name: /456/ }).getByRole('button', { name: 'Release' }).click()
    await confirm(page, 'Release', 'enough')
    await page.getByRole('row', { name: /456/ }).waitFor({ state: 'detached' })
    const { blocks } = await scene.get<BlocksReply>('blocks')
    assert.ok(!blocks.some(({ subject }) => subject.key.endsWith('/456')))
  })
}
