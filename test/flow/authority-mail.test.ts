// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type App, createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { createFormBrowser, type FormBrowser, textOf } from '../support/authority-pages/form-browser.ts'
import { freePort } from '../support/free-port.ts'
import { type MailServer, mailPassword, startMailServer } from '../support/mail-server.ts'

const email = 'ada@mail.example'
const first = 'quiet lamps beside the river 7'
const second = 'louder lamps beyond the river 8'

let folder: string
let mail: MailServer
let app: App
let origin: string

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-mail-'))
  mail = await startMailServer()
  const port = await freePort()
  origin = `http://127.0.0.1:${port}`
  writeFileSync(
    join(folder, 'things.yaml'),
    'openapi: 3.1.0\ninfo: { title: Things, version: "1" }\npaths: {}\n',
  )
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(
    file,
    JSON.stringify({
      listen: [{ address: `127.0.0.1:${port}` }],
      admin: { address: '127.0.0.1:0' },
      log: { events: 'none' },
      authority: {
        issuer: `${origin}/auth`,
        name: 'Travel',
        mail: { smtp: '${SMTP_URL}', from: 'Travel <no-reply@travel.example>' },
        lifetimes: { sessionIdle: '20s', session: '3s' },
      },
      apis: { things: { contract: 'things.yaml', upstream: 'http://127.0.0.1:9' } },
    }),
  )
  app = await createApp(await loadConfig(file, { SMTP_URL: mail.url }))
})

after(async () => {
  await app?.close(0)
  await mail?.close()
  rmSync(folder, { recursive: true, force: true })
})

const linkOf = (text: string): string => /https?:\/\/\S+token=[\w-]+/.exec(text)?.[0] ?? ''

async function signIn(browser: FormBrowser, password: string): Promise<string> {
  const login = await browser.follow('/auth/account')
  return textOf((await browser.send(login, '/login', { email, password })).body)
}

test('U09: verification and reset mails leave by SMTP as the configuration says, and their links work', async () => {
  const browser = createFormBrowser(origin)
  const form = await browser.follow('/auth/account/login/register')
  await browser.send(form, '/register', { email, name: 'Ada', password: first })
  const verify = await mail.next(email)
  assert.equal(verify.from, 'no-reply@travel.example')
  assert.deepEqual(verify.to, [email])
  assert.match(verify.subject, /Travel: confirm your address/)
  assert.ok(linkOf(verify.text).startsWith(`${origin}/auth/account/verify?token=`), verify.text)
  const page = await browser.follow(linkOf(verify.text).slice(origin.length))
  assert.match(textOf((await browser.send(page, '/verify')).body), /confirmed/i)

  const ask = await browser.follow('/auth/account/login/reset')
  await browser.send(ask, '/reset', { email })
  const reset = await mail.next(email)
  assert.match(reset.subject, /choose a new password/)
  const choose = await browser.follow(linkOf(reset.text).slice(origin.length))
  await browser.send(choose, '/reset', { password: second })
  assert.match((await mail.next(email)).text, /wasn|was not you/)
  const signedIn = createFormBrowser(origin)
  assert.match(await signIn(signedIn, second), /ada@mail\.example/i)
  // Nothing of it is shown on a page of mails, and the server's password is nowhere.
  assert.ok(!JSON.stringify(mail.mails).includes(mailPassword))
  assert.equal((await signedIn.follow('/auth/account/mail')).status, 404)
})

test('U12: a session of the account pages lives as long as `lifetimes.session` says, used or not', async () => {
  const browser = createFormBrowser(origin)
  assert.match(await signIn(browser, second), /ada@mail\.example/i)
  const start = Date.now()
  const isIn = async (): Promise<boolean> => (await browser.get('/auth/account')).status === 200
  assert.ok((await isIn()) || Date.now() - start > 2_500)
  while (Date.now() - start < 3_500) {
    await browser.get('/auth/account')
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  assert.ok(!(await isIn()), 'the session outlived its limit')
  // Nor is it in the list of the next one.
  const next = createFormBrowser(origin)
  await signIn(next, second)
  const list = (await next.follow('/auth/account/sessions')).body
  assert.equal(list.match(/Firefox/g)?.length, 1, textOf(list))
})
