import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { parse, stringify } from 'yaml'
import { introduction } from '../../tools/travel/introduction.ts'
import { type RunningTravel, runTravel } from '../../tools/travel/run-travel.ts'
import { launchChromium, needsChromium } from '../support/chromium.ts'
import { freePort } from '../support/free-port.ts'
import { axeViolations, picture } from '../support/look.ts'

const example = join(import.meta.dirname, '../../examples/travel')

let folder: string
let travel: RunningTravel
let gate: string
let start: () => Promise<RunningTravel>

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-travel-'))
  const [gatePort, adminPort, upstreamPort] = [await freePort(), await freePort(), await freePort()]
  gate = `http://127.0.0.1:${gatePort}`
  const admin = `http://127.0.0.1:${adminPort}`
  // The example's own file on ports of its own; nothing else of it changes.
  const config = parse(readFileSync(join(example, 'sallyport.yaml'), 'utf8'))
  config.listen = [{ address: `127.0.0.1:${gatePort}` }]
  config.admin = { address: `127.0.0.1:${adminPort}` }
  config.authority.issuer = `${gate}/auth`
  config.apis.travel.contract = join(example, 'travel.openapi.yaml')
  config.apis.travel.upstream = `http://127.0.0.1:${upstreamPort}`
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(file, stringify(config))
  start = () =>
    runTravel({
      config: file,
      keys: join(folder, '.sallyport'),
      gate,
      admin,
      upstreamPort,
      clientPort: 0,
      onLine: () => {},
    })
  travel = await start()
})

after(async () => {
  await travel?.close()
  rmSync(folder, { recursive: true, force: true })
})

const answer = async (page: Page): Promise<string> => (await page.textContent('#answer')) ?? ''

async function signIn(page: Page, person: { email: string; password: string }): Promise<void> {
  await page.fill('#email', person.email)
  await page.fill('#password', person.password)
  await page.click('main form button')
}

test(
  'alice signs in at the example’s client, consents, calls the API; a client with fewer scopes is refused what it lacks',
  needsChromium(),
  async () => {
    await using browser = await launchChromium()
    const page = await browser.newPage({ viewport: { width: 960, height: 720 } })
    const [alice] = travel.people
    assert.ok(alice?.email === 'alice@travel.example')

    await page.goto(travel.clientUrl)
    assert.deepEqual(await axeViolations(page), [])
    await page.click('text=Sign in with Travel web site')
    assert.equal(new URL(page.url()).origin, gate)
    await signIn(page, { ...alice, password: 'wonderland' })
    assert.match((await page.textContent('main')) ?? '', /do not fit together/)
    await signIn(page, alice)
    const consent = (await page.textContent('main')) ?? ''
    for (const words of ['Travel web site', 'See your profile', 'See your calendar', alice.email])
      assert.ok(consent.includes(words), words)
    assert.ok(!consent.includes('bookings'))
    await picture(page, 'travel-consent-light')
    await page.click('button[value=allow]')

    await page.waitForURL(`${travel.clientUrl}/**`)
    assert.match((await page.textContent('main')) ?? '', /subject 123/)
    assert.match(
      (await page.textContent('#granted')) ?? '',
      /profile:read.*calendar:read|calendar:read.*profile:read/,
    )
    await page.click('text=Read my profile')
    const profile = await answer(page)
    assert.match(profile, /^200\n/)
    assert.match(profile, /alice@travel\.example/)
    assert.ok(!profile.includes('passwordHash'))
    await page.click('text=Read my calendar')
    assert.match(await answer(page), /^200\n/)
    await page.click('text=Read the profile of user 456')
    assert.match(await answer(page), /^403\n(?:.|\n)*AUTHORIZE_OBJECT/)
    await page.click('text=Read my bookings')
    assert.match(await answer(page), /^403\n.*insufficient_scope(?:.|\n)*AUTHORIZE_SCOPE/)
    await picture(page, 'travel-client-light')

    // Signed out at both, and back.
    await page.click('text=Sign out')
    await page.click('text=Yes, sign out')
    await page.waitForURL(`${travel.clientUrl}/**`)
    assert.match((await page.textContent('main')) ?? '', /Nobody is signed in/)

    // It asks for what it was not given.
    await page.click('text=Ask for profile:read with Calendar widget')
    await page.waitForURL(`${travel.clientUrl}/**`)
    assert.match(await answer(page), /^invalid_scope/)
    // It uses what it was given for what it is not.
    await page.click('text=Sign in with Calendar widget')
    await signIn(page, alice)
    assert.ok(!((await page.textContent('main')) ?? '').includes('See your profile'))
    await page.click('button[value=allow]')
    await page.waitForURL(`${travel.clientUrl}/**`)
    await page.click('text=Read my calendar')
    assert.match(await answer(page), /^200\n/)
    await page.click('text=Read my profile')
    assert.match(await answer(page), /^403\n.*insufficient_scope.*profile:read(?:.|\n)*AUTHORIZE_SCOPE/)
  },
)

test('the four requests of the introduction answer as it says, with tokens of the development issuer', async () => {
  const text = introduction(travel, gate, 'http://127.0.0.1:9090')
  for (const { email, password } of travel.people) assert.ok(text.includes(email) && text.includes(password))
  const call = (path: string, token?: string) =>
    fetch(gate + path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
  const { alice } = travel.scene.tokens
  assert.equal((await call('/api/v1/users/123/profile', alice)).status, 200)
  assert.equal((await call('/api/v1/users/123/profile')).status, 401)
  assert.equal((await call('/api/v1/users/456/profile', alice)).status, 403)
  const statuses: number[] = []
  for (let n = 0; n < 6; n++)
    statuses.push(
      (
        await fetch(`${gate}/login`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"username":"alice","password":"guess"}',
        })
      ).status,
    )
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429])
})

test('a second start keeps people and clients, and gives new passwords; no password is in the folder', async () => {
  const before = travel.people
  await travel.close()
  travel = await start()
  assert.deepEqual(
    travel.people.map(({ email, sub }) => [email, sub]),
    before.map(({ email, sub }) => [email, sub]),
  )
  const passwords = [...before, ...travel.people].map(({ password }) => password)
  assert.equal(new Set(passwords).size, 4)
  const database = readFileSync(join(folder, '.sallyport', 'sallyport.db'))
  for (const password of passwords) assert.ok(!database.includes(password))
})
