import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import type { SessionReply } from '../../../src/admin/contract.ts'
import { walkPassword } from '../../support/authority-pages/walk.ts'
import { needsChromium } from '../../support/chromium.ts'
import { startConsoleGate } from '../../support/console-gate.ts'
import type { ConsoleScene } from '../../support/console-scene.ts'
import { startIdentityProvider } from '../../support/identity-provider.ts'
import { axeViolations } from '../../support/look.ts'

async function sessionOf(context: BrowserContext, adminUrl: string): Promise<SessionReply> {
  return (await context.request.get(`${adminUrl}/api/v1/session`)).json() as Promise<SessionReply>
}

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
      const { via, role } = await sessionOf(scene.context, scene.gate.adminUrl)
      assert.deepEqual([via, role], ['token', 'administrator'])
    },
  )

  test(
    'with an account that was made here: its link, its password, its role; out again; a session that ended',
    needsChromium(),
    async () => {
      const { adminUrl } = scene.gate
      const link = await makeAccount(scene)
      const context = await scene.browser.newContext({ reducedMotion: 'reduce' })
      const page = await scene.open(context)
      await page.goto(link)
      await page.fill('#password', walkPassword)
      await page.click('main form button')
      await signIn(page, adminUrl)
      const session = await sessionOf(context, adminUrl)
      assert.deepEqual(
        [session.via, session.role, session.name],
        ['account', 'operator', 'olga@mail.example'],
      )
      await page.getByText('olga@mail.example').first().waitFor()

      await page.goto(`${adminUrl}/#/identities`)
      await page.getByRole('button', { name: 'Disable' }).first().waitFor()
      assert.equal(
        await page.getByRole('button', { name: 'New account' }).count(),
        0,
        'an operator makes none',
      )

      await page.goto(`${adminUrl}/#/settings`)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForSelector('text=Sign in to see')
      await page.reload()
      await page.waitForSelector('text=Sign in to see')

      await signIn(page, adminUrl)
      const { csrf } = await sessionOf(context, adminUrl)
      const [cookie] = (await context.cookies(adminUrl)).filter(({ name }) => /session/.test(name))
      await fetch(`${adminUrl}/api/v1/session`, {
        method: 'DELETE',
        headers: { cookie: `${cookie?.name}=${cookie?.value}`, 'x-csrf': csrf },
      })
      await page.goto(`${adminUrl}/#/about`)
      await page.waitForSelector('text=Sign in to see')
      await context.close()
    },
  )

  test('with an issuer of somebody else', needsChromium(), async () => {
    await using provider = await startIdentityProvider({ email: 'ann@corp.example', roles: ['sre'] })
    await using external = await startConsoleGate((config) => {
      config.issuers.corp = {
        issuer: provider.issuer,
        audience: 'https://api.corp.example',
        algorithms: ['ES256'],
        keys: 'discovery',
      }
      Object.assign(config.admin, {
        issuer: 'corp',
        client: { id: 'console' },
        roles: { administrator: ['sre'] },
      })
    })
    const context = await scene.browser.newContext()
    const page = await scene.open(context)
    await page.goto(external.adminUrl)
    await page.getByRole('button', { name: 'Sign in with an account' }).click()
    await page.waitForSelector('h1 >> text=Overview')
    const session = await sessionOf(context, external.adminUrl)
    assert.deepEqual(
      [session.via, session.role, session.name],
      ['issuer', 'administrator', 'ann@corp.example'],
    )
    assert.equal(new URL(page.url()).search, '', 'the code does not stay in the address')
    await context.close()
  })
}

/** By the form of the page; gives the link that chooses the password. */
async function makeAccount({ page, show }: ConsoleScene): Promise<string> {
  await show('/identities')
  await page.getByRole('button', { name: 'New account' }).click()
  await page.getByLabel('E-mail address').fill('olga@mail.example')
  await page.getByLabel('Roles').fill('sallyport-operator')
  await page.getByRole('button', { name: 'Make it' }).click()
  const link = (await page.textContent('[data-once] pre')) ?? ''
  await page.keyboard.press('Escape')
  await page.getByRole('cell', { name: 'olga@mail.example' }).first().waitFor()
  return link
}

/** On the page of the embedded server, which may know the browser already. */
async function signIn(page: Page, adminUrl: string): Promise<void> {
  await page.goto(adminUrl)
  await page.getByRole('button', { name: 'Sign in with an account' }).click()
  const home = page.locator('h1', { hasText: 'Overview' })
  const password = page.locator('#password')
  const consent = page.locator('button[value=allow]')
  for (let steps = 0; steps < 3; steps++) {
    await home.or(password).or(consent).first().waitFor()
    if (await home.isVisible()) return
    if (await password.isVisible()) {
      await page.fill('#email', 'olga@mail.example')
      await page.fill('#password', walkPassword)
      await page.click('main form button')
    } else await consent.click()
    await page.waitForLoadState()
  }
  await home.waitFor()
}
