import assert from 'node:assert/strict'
import type { BrowserContext, Page } from 'playwright-core'
import { oneTimeCode } from '../one-time-code.ts'
import { api, verifier, type WholeAuthority } from './whole-authority.ts'

/** Called on every page of the walk, with its name. */
export type Look = (page: Page, name: string) => Promise<void>

export const walkPassword = 'quiet lamps beside the river 7'

/**
 * Walks as a person does: register → verify → sign in → consent → second factor → recovery code → device code →
 * account pages → reset → sign out everywhere. Needs no script in the pages.
 */
export async function walk(
  context: BrowserContext,
  whole: WholeAuthority,
  email: string,
  look: Look,
): Promise<void> {
  const page = await context.newPage()
  const account = `${whole.issuer}/account`
  const title = (text: RegExp): Promise<void> => seeTitle(page, text)

  // Register, on the way of an application that asks.
  await page.goto(whole.authorizeUrl('planner', { login_hint: email }))
  await title(/Sign in/)
  assert.equal(await page.inputValue('#email'), email)
  await look(page, 'login')
  await page.fill('#password', 'not my password')
  await page.click('main form button')
  await title(/^Error: Sign in/)
  await look(page, 'login-refused')
  await page.click('text=Create one')
  await look(page, 'register')
  await page.fill('#email', email)
  await page.fill('#name', 'Ada Lovelace')
  await page.fill('#password', 'short')
  await page.click('main form button')
  await look(page, 'register-refused')
  await page.fill('#password', walkPassword)
  await page.click('main form button')
  await title(/Check your mail/)
  await look(page, 'check-mail')

  await page.goto(`${account}/mail`)
  await look(page, 'mail')
  await page.click('.mail >> nth=0 >> a')
  await title(/Confirm your address/)
  assert.equal(page.url(), `${account}/verify`, 'no token in the address bar')
  await look(page, 'verify')
  await page.click('main form button')
  await title(/Address confirmed/)
  await look(page, 'verified')
  await page.click('main a.button')

  // Sign in, consent: the answer of a POST leads to another origin, which `form-action` must let through.
  await page.fill('#email', email)
  await page.fill('#password', walkPassword)
  await page.click('main form button')
  await title(/Trip Planner asks for access/)
  await look(page, 'consent')
  await page.uncheck('input[value="calendar:read"]')
  await page.click('button[value=allow]')
  await page.waitForURL(`${whole.clientOrigin}/callback**`)
  const returned = new URL(page.url()).searchParams
  assert.equal(returned.get('state'), 'st<a>te')
  assert.equal(returned.get('iss'), whole.issuer)
  const tokens = await whole.post('/token', {
    grant_type: 'authorization_code',
    client_id: 'planner',
    code: returned.get('code') ?? '',
    code_verifier: verifier,
    redirect_uri: `${whole.clientOrigin}/callback`,
    resource: api,
  })
  assert.equal(typeof tokens['access_token'], 'string', JSON.stringify(tokens))
  const claims = claimsOf(String(tokens['access_token']))
  assert.equal(claims['scope'], 'profile:read', 'only what was ticked')

  // The account, and a second factor.
  await page.goto(account)
  await title(/Your account/)
  await look(page, 'account')
  await page.click('text=Security')
  await look(page, 'security')
  await page.click('text=Set up')
  await look(page, 'totp')
  const secret = ((await page.textContent('.secret')) ?? '').replaceAll(' ', '')
  await page.fill('#code', '12')
  await page.click('text=Turn on')
  await title(/^Error/)
  await page.fill('#code', oneTimeCode(secret))
  await page.click('text=Turn on')
  await title(/Your recovery codes/)
  await look(page, 'recovery-codes')
  const recovery = (await page.textContent('.codes li >> nth=0')) ?? ''
  await page.click('text=I have stored them')
  await look(page, 'security-on')

  // A device: sign in again, with the second factor.
  await page.click('text=Sign out')
  await title(/Signed out/)
  await look(page, 'signed-out')
  const device = await whole.post('/device_authorization', {
    client_id: 'display',
    scope: 'openid profile:read',
    resource: api,
  })
  await page.goto(String(device['verification_uri']))
  await title(/Connect a device/)
  await look(page, 'device-code')
  await page.fill('#user_code', 'BBBB-BBBB')
  await page.click('main form button')
  await title(/^Error: Connect a device/)
  await page.fill('#user_code', String(device['user_code']).toLowerCase())
  await page.click('main form button')
  await title(/Is this the code/)
  assert.equal(await page.textContent('.user-code'), device['user_code'])
  await look(page, 'device-confirm')
  await page.click('text=Yes, it is the same code')
  await title(/Sign in/)
  await page.fill('#email', email)
  await page.fill('#password', walkPassword)
  await page.click('main form button')
  await title(/Second factor/)
  await look(page, 'second-factor')
  await page.fill('#code', '000000')
  await page.click('main form button')
  await title(/^Error: Second factor/)
  await page.fill('#code', recovery)
  await page.click('main form button')
  await title(/Kitchen Display asks for access/)
  await page.click('button[value=allow]')
  await title(/Device connected/)
  await look(page, 'device-done')
  const granted = await whole.post('/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: 'display',
    device_code: String(device['device_code']),
    resource: api,
  })
  assert.equal(typeof granted['access_token'], 'string', JSON.stringify(granted))

  // What was granted, where one is signed in.
  await page.goto(`${account}/grants`)
  await title(/Applications/)
  await look(page, 'grants')
  await page.click('[aria-label="Take access back: Kitchen Display"]')
  assert.match((await page.textContent('[role=status]')) ?? '', /no access any more/)
  await page.click('text=Sessions')
  assert.equal(await page.locator('.rows > li').count(), 1)
  await look(page, 'sessions')

  // The password: a refused change, a reset by mail.
  await page.goto(account)
  await page.fill('#current', 'wrong')
  await page.fill('#next', 'another quiet lamp 8')
  await page.click('text=Change password')
  await title(/^Error/)
  await look(page, 'account-refused')
  await page.goto(`${account}/login/reset`)
  await look(page, 'request-reset')
  await page.fill('#email', email)
  await page.click('main form button')
  await title(/Check your mail/)
  await page.goto(`${account}/mail`)
  await page.click('.mail >> nth=0 >> a')
  await title(/Choose a new password/)
  await look(page, 'reset')

  await page.goto(`${account}/sessions`)
  await page.click('main section button')
  await title(/Signed out/)
  assert.match((await page.textContent('main')) ?? '', /everywhere/)
  await look(page, 'signed-out-everywhere')
  await page.goto(account)
  await title(/Sign in/)

  // What went wrong is said on a page, and leads nowhere.
  await page.goto(`${whole.issuer}/authorize?client_id=nobody`)
  await title(/did not work/)
  await look(page, 'error')
  await page.goto(`${whole.issuer}/interaction/of-another-browser`)
  await title(/did not work/)
  await look(page, 'interaction-lost')
  await page.close()
}

export async function seeTitle(page: Page, text: RegExp): Promise<void> {
  const title = await page.title()
  assert.match(title, text, `${page.url()}: ${title}\n${await page.textContent('body')}`)
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<
    string,
    unknown
  >
}
