import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { seeTitle, walkPassword } from '../support/authority-pages/walk.ts'
import { startWholeAuthority, type WholeAuthority } from '../support/authority-pages/whole-authority.ts'
import { launchChromium, needsChromium } from '../support/chromium.ts'
import { axeViolations, picture } from '../support/look.ts'

test('a passkey: added, signs in alone, and stands in for the code', needsChromium(), async () => {
  await using whole = await startWholeAuthority()
  await using browser = await launchChromium()
  const context = await browser.newContext({ viewport: { width: 960, height: 640 } })
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  const email = 'ada@example.test'
  const account = `${whole.issuer}/account`
  await signUp(page, whole, email)
  await page.goto(`${account}/passkeys/new`)
  assert.deepEqual(await axeViolations(page), [])
  await page.fill('#name', 'test key')
  await page.click('#passkey-form button')
  await page.waitForURL(`${account}/security`)
  assert.match((await page.textContent('main')) ?? '', /test key/)

  await page.click('text=Sign out')
  await page.goto(`${account}/login`)
  await page.click('text=Sign in with a passkey')
  assert.deepEqual(await axeViolations(page), [])
  await picture(page, 'authority-passkey-light')
  await page.click('#passkey-form button')
  await page.waitForURL(account)
  await seeTitle(page, /Your account/)

  await page.click('text=Sign out')
  await page.goto(`${account}/login`)
  await page.fill('#email', email)
  await page.fill('#password', walkPassword)
  await page.click('main form button')
  await seeTitle(page, /passkey/)
  await page.click('#passkey-form button')
  await page.waitForURL(account)
  assert.deepEqual(errors, [])
})

test('without JavaScript the passkey page says so, and leads to the password', needsChromium(), async () => {
  await using whole = await startWholeAuthority()
  await using browser = await launchChromium()
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${whole.issuer}/account/login/passkey`)
  assert.ok(await page.isVisible('#passkey-missing'))
  assert.ok(!(await page.isVisible('#passkey-form')))
  await page.click('text=Use a password instead')
  await seeTitle(page, /^Sign in ·/)
})

test('first set-up by its one-time link', needsChromium(), async () => {
  await using whole = await startWholeAuthority()
  await using browser = await launchChromium()
  const page = await browser.newPage()
  const link = await whole.accounts.people.createSetupToken()
  assert.ok(link)
  await page.goto(link.link)
  await seeTitle(page, /First set-up/)
  assert.deepEqual(await axeViolations(page), [])
  await page.fill('#email', 'root@example.test')
  await page.fill('#password', walkPassword)
  await page.click('main form button')
  await seeTitle(page, /Administrator created/)
  await page.goto(link.link)
  await page.fill('#email', 'other@example.test')
  await page.fill('#password', walkPassword)
  await page.click('main form button')
  await seeTitle(page, /did not work/)
})

test(
  'sign-out that an application asks for is confirmed, and leads back to it',
  needsChromium(),
  async () => {
    await using whole = await startWholeAuthority()
    await using browser = await launchChromium()
    const page = await browser.newPage()
    const email = 'ada@example.test'
    await signUp(page, whole, email)
    const back = `${whole.clientOrigin}/callback`
    const logout = `${whole.issuer}/logout`
    await page.goto(`${logout}?client_id=planner&post_logout_redirect_uri=${encodeURIComponent(back)}`)
    await seeTitle(page, /Sign out\?/)
    assert.deepEqual(await axeViolations(page), [])
    await page.click('text=Yes, sign out')
    await page.waitForURL(`${back}**`)
    await page.goto(`${whole.issuer}/account`)
    await signIn(page, email)
    await page.goto(logout)
    await page.click('text=Yes, sign out')
    await seeTitle(page, /Signed out/)
  },
)

/** Somebody else signs in where one is signed in already: the application gets the one who signed in last. */
test('another account in the same browser takes the session over', needsChromium(), async () => {
  await using whole = await startWholeAuthority()
  await using browser = await launchChromium()
  const page = await (await browser.newContext()).newPage()
  await signUp(page, whole, 'ada@example.test')
  const other = await (await browser.newContext()).newPage()
  await signUp(other, whole, 'bob@example.test')
  await page.goto(whole.authorizeUrl('planner', { prompt: 'login consent' }))
  await seeTitle(page, /Sign in/)
  assert.match((await page.textContent('main')) ?? '', /sign in again/)
  await page.fill('#email', 'bob@example.test')
  await page.fill('#password', walkPassword)
  await page.click('main form button')
  await page.waitForSelector('text=asks for access')
  assert.match((await page.textContent('main')) ?? '', /bob@example\.test/)
  await page.click('button[value=allow]')
  await page.waitForURL(`${whole.clientOrigin}/callback**`)
  assert.ok(new URL(page.url()).searchParams.has('code'))
  await page.goto(`${whole.issuer}/account`)
  assert.match((await page.textContent('main')) ?? '', /bob@example\.test/)
  await other.goto(`${whole.issuer}/account/sessions`)
  assert.equal(await other.locator('.rows > li').count(), 2)
})

test(
  'a request posted from another site finds the session, and sets nothing itself',
  needsChromium(),
  async () => {
    await using whole = await startWholeAuthority()
    await using browser = await launchChromium()
    const page = await (await browser.newContext()).newPage()
    await signUp(page, whole, 'ada@example.test')
    await page.goto(whole.authorizeUrl('planner'))
    await page.click('button[value=allow]')
    await page.waitForURL(`${whole.clientOrigin}/callback**`)
    // The client's page is of another site than the server: 127.0.0.1 and localhost.
    const asked = new URL(whole.authorizeUrl('planner', { prompt: 'none' }))
    const seen: string[] = []
    page.on('request', (request) => {
      if (request.isNavigationRequest()) seen.push(`${request.method()} ${new URL(request.url()).pathname}`)
    })
    const post = async (): Promise<string | null> => {
      await page.goto(`${whole.clientOrigin}/callback`)
      seen.length = 0
      await page.setContent(formOf(asked))
      await page.click('button')
      await page.waitForURL((url) => url.searchParams.has('error'))
      assert.deepEqual(seen, ['POST /auth/authorize', 'GET /auth/authorize', 'GET /callback'])
      return new URL(page.url()).searchParams.get('error')
    }
    // Nobody vouches for this client, so it is always asked about: a question that is not the login is the session.
    assert.equal(await post(), 'interaction_required')
    await page.context().clearCookies()
    assert.equal(await post(), 'login_required')
  },
)

/** The query of a URL as a form that is posted to it. */
function formOf(url: URL): string {
  const text = (value: string): string =>
    value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  const fields = [...url.searchParams].map(
    ([name, value]) => `<input type="hidden" name="${text(name)}" value="${text(value)}">`,
  )
  return `<form method="post" action="${url.origin}${url.pathname}">${fields.join('')}<button>Go</button></form>`
}

/** Registers, confirms and signs in at the account pages. */
async function signUp(page: Page, whole: WholeAuthority, email: string): Promise<void> {
  await page.goto(`${whole.issuer}/account/login/register`)
  await page.fill('#email', email)
  await page.fill('#password', walkPassword)
  await page.click('main form button')
  await page.goto(`${whole.issuer}/account/mail`)
  await page.click('.mail >> nth=0 >> a')
  await page.click('main form button')
  await page.click('main a.button')
  await signIn(page, email)
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.fill('#email', email)
  await page.fill('#password', walkPassword)
  await page.click('main form button')
  await seeTitle(page, /Your account/)
}
