import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type App, createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { seeTitle, walkPassword } from '../support/authority-pages/walk.ts'
import { launchChromium, needsChromium } from '../support/chromium.ts'
import { freePort } from '../support/free-port.ts'
import { axeViolations } from '../support/look.ts'

const contract = `
openapi: 3.1.0
info: { title: Things, version: "1" }
paths:
  /things:
    get:
      operationId: listThings
      responses: { "200": { description: ok } }
`

let folder: string
let app: App | undefined
let issuer: string

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-pages-'))
  const port = await freePort()
  issuer = `http://127.0.0.1:${port}/auth`
  writeFileSync(join(folder, 'things.yaml'), contract)
  writeFileSync(join(folder, 'own.css'), ':root { --accent: rgb(29 78 216) }')
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(
    file,
    JSON.stringify({
      listen: [{ address: `127.0.0.1:${port}` }],
      admin: { address: '127.0.0.1:0' },
      log: { events: 'none' },
      authority: { issuer, name: 'Travel', theme: { css: 'own.css' } },
      apis: { things: { contract: 'things.yaml', upstream: 'http://127.0.0.1:9' } },
    }),
  )
  app = await createApp(await loadConfig(file, {}))
})

after(async () => {
  await app?.close(0)
  rmSync(folder, { recursive: true, force: true })
})

test(
  'through the gateway: register, confirm, sign in; theme, name and policy arrive',
  needsChromium(),
  async () => {
    await using browser = await launchChromium()
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, colorScheme: 'light' })
    const page = await context.newPage()
    const login = await page.goto(`${issuer}/account`)
    await seeTitle(page, /^Sign in · Travel$/)
    const fields = await login?.allHeaders()
    assert.match(
      fields?.['content-security-policy'] ?? '',
      /^default-src 'none'; [^,]+$/,
      'one policy, whole',
    )
    assert.equal(fields?.['cache-control'], 'no-store')
    assert.equal(fields?.['referrer-policy'], 'no-referrer')
    assert.equal(fields?.['x-content-type-options'], 'nosniff')
    assert.equal(fields?.['server'] ?? fields?.['x-powered-by'], undefined)
    const colour = await page.evaluate(
      "getComputedStyle(document.querySelector('button.primary')).backgroundColor",
    )
    assert.equal(colour, 'rgb(29, 78, 216)')
    assert.deepEqual(await axeViolations(page), [])

    await page.goto(`${issuer}/account/login/register`)
    await page.fill('#email', 'ada@example.test')
    await page.fill('#password', walkPassword)
    await page.click('main form button')
    await seeTitle(page, /Check your mail/)
    await page.click('text=read the mails')
    await page.click('.mail >> nth=0 >> a')
    await page.click('main form button')
    await page.click('main a.button')
    await page.fill('#email', 'ada@example.test')
    await page.fill('#password', walkPassword)
    await page.click('main form button')
    await seeTitle(page, /Your account/)
    const cookies = await context.cookies()
    assert.ok(cookies.length > 0 && cookies.every((one) => one.httpOnly && one.sameSite === 'Lax'))
    await page.goto(`${issuer}/account/sessions`)
    assert.match((await page.textContent('.rows')) ?? '', /Chrome on Linux.*127\.0\.0\.1/s)
    await page.click('main section button')
    await seeTitle(page, /Signed out/)
  },
)
