import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import {
  createFormBrowser,
  type FormBrowser,
  formsOf,
  type Shown,
  textOf,
} from '../support/authority-pages/form-browser.ts'
import { type RunningPages, startPages } from '../support/authority-pages/running-pages.ts'

let running: RunningPages
let browser: FormBrowser
let count = 0

before(async () => {
  running = await startPages()
})
after(() => running.close())
beforeEach(() => {
  browser = createFormBrowser(running.origin)
  running.next = {}
  running.faults.length = 0
  running.accounts.asked.length = 0
})

const password = 'correct horse battery'
const someone = (totp = false): { readonly email: string; readonly sub: string } => {
  const email = `user${++count}@example.test`
  return { email, sub: running.accounts.add(email, password, totp) }
}

async function signIn(email: string, using: FormBrowser = browser): Promise<Shown> {
  const page = await using.get('/auth/account/login')
  return using.send(page, '/account/login', { email, password })
}

test('register, verify by mail, sign in, consent: the client gets its code by 303', async () => {
  const email = `new${++count}@example.test`
  const login = await browser.follow('/begin')
  assert.match(textOf(login.body), /Sign in to continue to Trip Planner/)
  const register = await browser.get(`${login.path}/register`)
  const sent = await browser.submit(register, '/register', { email, password, name: 'Ada' })
  assert.equal(sent.status, 303)
  const checkMail = await browser.get(String(sent.headers['location']))
  assert.match(textOf(checkMail.body), /Check your mail/)

  const link = /https?:\S+/.exec(running.accounts.mails[0]?.text ?? '')?.[0] ?? ''
  const { pathname, search } = new URL(link)
  const opened = await browser.raw(pathname + search)
  assert.equal(opened.status, 303)
  assert.equal(opened.headers['location'], '/auth/account/verify', 'the token leaves the address bar')
  const verify = await browser.get('/auth/account/verify')
  const verified = await browser.send(verify, '/verify')
  assert.match(textOf(verified.body), /Address confirmed/)
  assert.ok(verified.body.includes(`href="${login.path}"`), 'goes on with the interaction')

  const again = await browser.get(login.path)
  const consent = await browser.send(again, login.path, { email, password })
  const text = textOf(consent.body)
  assert.match(text, /Trip Planner asks for access/)
  assert.match(text, new RegExp(email))
  assert.match(text, /at api\.travel\.example Read your travel profile profile:read/)
  assert.match(text, /10 minutes.*90 days/)
  assert.match(text, /has not been verified/)
  assert.match(text, /allowed this before See your e-mail address/)
  assert.match(
    String(consent.headers['content-security-policy']),
    /form-action 'self' https:\/\/planner\.example;/,
  )
  const done = await browser.submit(consent, '/consent', { answer: 'allow' })
  assert.equal(done.status, 303)
  assert.equal(done.headers['location'], 'https://planner.example/callback?code=abc&state=xyz')
  assert.ok(running.accounts.asked.includes('signIn client=shop'))
})

test('consent: no is access_denied, an unticked scope is not granted', async () => {
  const { email, sub } = someone()
  const consent = await browser.send(await browser.follow('/begin'), '', { email, password })
  const denied = await browser.submit(consent, '/consent', { answer: 'deny' })
  assert.match(String(denied.headers['location']), /error=access_denied/)

  const next = await browser.send(await browser.follow('/begin'), '', { email, password })
  const form = formsOf(next.body)[0]
  assert.ok(form)
  const body = new URLSearchParams(
    form.fields.filter(([, value]) => value !== 'calendar:read').map(([name, value]) => [name, value]),
  )
  body.set('answer', 'allow')
  const some = await post(form.action, body.toString())
  assert.equal(some.status, 303)
  const granted = running.interactions.grantsOf.get(sub)?.[0]?.scopes.map(({ name }) => name)
  assert.deepEqual(granted, ['openid', 'profile:read'])
})

test('consent before login, second factor before password, sign-in after login: each is refused', async () => {
  const login = await browser.follow('/begin')
  const form = formsOf(login.body)[0]
  const csrf = new Map(form?.fields).get('csrf') ?? ''
  const early = await post(`${login.path}/consent`, `csrf=${csrf}&answer=allow`)
  assert.equal(early.status, 400)
  const refusal = await post(`${login.path}/consent`, `csrf=${csrf}&answer=deny`)
  assert.equal(refusal.status, 400, 'nor is no an answer before anybody was asked')
  const skipped = await browser.get(`${login.path}/second-factor`)
  assert.equal(skipped.headers['location'], login.path)
  const forced = await post(`${login.path}/second-factor`, `csrf=${csrf}&code=123456`)
  assert.equal(forced.headers['location'], login.path)
  assert.deepEqual(running.accounts.asked, [], 'no code is judged without a password')

  const { email } = someone()
  const consent = await browser.send(login, login.path, { email, password })
  assert.match(textOf(consent.body), /asks for access/)
  const proof = new Map(formsOf(consent.body)[0]?.fields).get('csrf') ?? ''
  const back = await post(login.path, `csrf=${proof}&email=${email}&password=x`)
  assert.equal(back.status, 405)
  assert.equal((await post(`${login.path}/register`, `csrf=${proof}`)).status, 303)
})

test('the second factor stands between password and consent, and counts in its own interaction alone', async () => {
  const { email } = someone(true)
  const first = await browser.follow('/begin')
  const factor = await browser.send(first, first.path, { email, password })
  assert.match(textOf(factor.body), /six digits/)
  const wrong = await browser.submit(factor, '/second-factor', { code: '000000' })
  assert.equal(wrong.status, 400)
  assert.match(wrong.body, /role="alert"/)
  assert.match(wrong.body, /aria-invalid="true"/)

  const other = await browser.follow('/begin')
  assert.notEqual(other.path, first.path)
  const elsewhere = await browser.get(`${other.path}/second-factor`)
  assert.equal(elsewhere.headers['location'], other.path, 'the password of one interaction is not of another')

  const retry = await browser.send(other, other.path, { email, password })
  const consent = await browser.send(retry, '/second-factor', { code: '123456' })
  assert.match(textOf(consent.body), /asks for access/)
})

test('an interaction is useless in another browser', async () => {
  const login = await browser.follow('/begin')
  const stranger = createFormBrowser(running.origin)
  const seen = await stranger.get(login.path)
  assert.equal(seen.status, 400)
  assert.match(textOf(seen.body), /another browser/)
  assert.equal(formsOf(seen.body).length, 0)
  const body = new URLSearchParams([...(formsOf(login.body)[0]?.fields ?? []), ['email', 'a@b.c']]).toString()
  const taken = await stranger.raw(login.path, posting(body))
  assert.equal(taken.status, 400)

  await stranger.follow('/begin')
  assert.equal((await stranger.get(login.path)).status, 400, 'even with an interaction of its own')
})

test('unknown, wrong, locked: one answer', async () => {
  const { email } = someone()
  const answers: string[] = []
  for (const [name, given] of [
    [email, 'wrong password here'],
    ['nobody@example.test', password],
    [email, password],
    ['', ''],
  ] as const) {
    if (given === password && name === email)
      running.accounts.refuseNext = { refused: 'throttled', retryMs: 60_000 }
    const page = await browser.get('/auth/account/login')
    const answer = await browser.submit(page, '/login', { email: name, password: given })
    assert.equal(answer.status, 400)
    assert.equal(answer.headers['retry-after'], undefined)
    answers.push(
      answer.body
        .replaceAll(email, 'EMAIL')
        .replace('nobody@example.test', 'EMAIL')
        .replace(/name="csrf" value="[^"]*"/, ''),
    )
  }
  assert.equal(answers[0], answers[1])
  assert.equal(answers[0], answers[2])
  assert.ok(answers[0]?.includes('do not fit together'))
  assert.ok(!answers[3]?.includes('EMAIL'))
})

test('forms need the proof of this browser and the origin of this server', async () => {
  const { email } = someone()
  const page = await browser.get('/auth/account/login')
  const good = new URLSearchParams([
    ...(formsOf(page.body)[0]?.fields ?? []),
    ['email', email],
    ['password', password],
  ]).toString()
  const cases: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    ['no proof', good.replace(/csrf=[^&]*/, 'csrf='), own],
    ['another proof', good.replace(/csrf=(.)/, (_all, first) => `csrf=${first === '_' ? '-' : '_'}`), own],
    ['another origin', good, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another origin without fetch metadata', good, { origin: 'https://evil.example' }],
    ['another site behind a null origin', good, { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['a sibling', good, { origin: running.origin, 'sec-fetch-site': 'same-site' }],
    ['nothing said', good, {}],
    ['a null origin alone', good, { origin: 'null' }],
    ['another port', good, { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }],
  ]
  for (const [what, body, headers] of cases) {
    const answer = await browser.raw('/auth/account/login', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    })
    assert.equal(answer.status, 403, what)
  }
  const stranger = createFormBrowser(running.origin)
  await stranger.get('/auth/account/login')
  assert.equal(
    (await stranger.raw('/auth/account/login', posting(good))).status,
    403,
    'proof of another browser',
  )
  assert.deepEqual(running.accounts.asked, [])
  const nulled = await browser.raw(
    '/auth/account/login',
    posting(good, { origin: 'null', 'sec-fetch-site': 'same-origin' }),
  )
  assert.equal(nulled.status, 303, 'what browsers send without a referrer')
})

test('a proof of one interaction does not count in another, nor before a sign-in after it', async () => {
  const first = await browser.follow('/begin')
  const proof = new Map(formsOf(first.body)[0]?.fields).get('csrf') ?? ''
  const second = await browser.follow('/begin')
  assert.equal((await post(second.path, `csrf=${proof}&email=a&password=b`)).status, 403)

  const before = await browser.get('/auth/account/login')
  const { email } = someone()
  assert.equal((await signIn(email)).path, '/auth/account')
  const old = new Map(formsOf(before.body)[0]?.fields).get('csrf') ?? ''
  assert.equal((await post('/auth/account/login', `csrf=${old}&email=${email}&password=x`)).status, 403)
})

test('a form is small, strict, and a form', async () => {
  const page = await browser.get('/auth/account/login')
  const csrf = new Map(formsOf(page.body)[0]?.fields).get('csrf') ?? ''
  const send = async (body: string, type = 'application/x-www-form-urlencoded'): Promise<number> =>
    (
      await browser.raw('/auth/account/login', {
        method: 'POST',
        body,
        headers: { ...own, 'content-type': type },
      })
    ).status
  assert.equal(await send(`csrf=${csrf}&email=${'a'.repeat(17_000)}`), 413)
  assert.equal(await send(`csrf=${csrf}&email=a&email=b`), 400)
  assert.equal(await send(`csrf=${csrf}&email=%zz`), 400)
  assert.equal(await send(`csrf=${csrf}&email=%ff`), 400)
  assert.equal(await send(`csrf=${csrf}&&`), 400)
  assert.equal(await send('{}', 'application/json'), 415)
  assert.equal(await send('x', 'multipart/form-data; boundary=x'), 415)
  assert.equal(await send('x', 'text/plain'), 415)
  assert.equal(await send('csrf=', 'application/x-www-form-urlencoded; charset=utf-7'), 415)
  const other = await browser.raw('/auth/account/login', { method: 'DELETE', headers: own })
  assert.equal(other.status, 405)
  assert.equal(other.headers['allow'], 'GET, HEAD, POST')
})

test('every reply carries the fields that keep a page safe', async () => {
  const pages = [
    await browser.get('/auth/account/login'),
    await browser.get('/auth/account'),
    await browser.get('/auth/account/nothing-here'),
    await browser.get('/auth/interaction/none'),
    await browser.get('/auth/account/reset'),
    await browser.raw('/auth/account/login', { method: 'POST', body: 'a=b' }),
    await browser.follow('/begin'),
  ]
  for (const page of pages) {
    assert.equal(page.headers['cache-control'], 'no-store', page.path)
    assert.equal(page.headers['x-content-type-options'], 'nosniff')
    assert.equal(page.headers['referrer-policy'], 'no-referrer')
    assert.equal(page.headers['access-control-allow-origin'], undefined)
    assert.equal(page.headers['strict-transport-security'], undefined, 'plain http')
    if (page.status === 303) continue
    const csp = String(page.headers['content-security-policy'])
    for (const rule of [
      "default-src 'none'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'self'",
    ])
      assert.ok(csp.includes(rule), `${page.path}: ${csp}`)
    assert.ok(!csp.includes('script'), 'no script outside the passkey pages')
    assert.ok(!page.body.includes('<script') && !/\son\w+=/.test(page.body) && !page.body.includes('style='))
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
  }
  const passkey = await browser.get('/auth/account/login/passkey')
  assert.match(
    String(passkey.headers['content-security-policy']),
    /script-src 'self'; require-trusted-types-for/,
  )
})

test('over https cookies are __Host-, Secure, HttpOnly, Lax, and HSTS is on', async () => {
  const secure = await startPages({ issuer: 'https://id.example.test/auth' })
  try {
    const user = createFormBrowser(secure.origin, 'https://id.example.test')
    secure.accounts.add('s@example.test', password)
    const page = await user.get('/auth/account/login')
    assert.equal(page.headers['strict-transport-security'], 'max-age=63072000')
    const done = await user.submit(page, '/login', { email: 's@example.test', password })
    const cookies = [...page.cookies, ...done.cookies].filter((cookie) => cookie.includes('sallyport'))
    assert.ok(cookies.some((cookie) => cookie.startsWith('__Host-sallyport-device=device-1;')))
    for (const cookie of cookies)
      assert.match(cookie, /^__Host-[\w-]+=[^;]*; Path=\/(?:; Max-Age=\d+)?; HttpOnly; SameSite=Lax; Secure$/)
    const planted = createFormBrowser(secure.origin)
    planted.jar.set('sallyport-pages', user.jar.get('__Host-sallyport-pages') ?? '')
    const form = await planted.get('/auth/account/login')
    assert.ok(form.cookies[0]?.startsWith('__Host-'), 'a cookie without the prefix is not read')
  } finally {
    await secure.close()
  }
})

test('session and proof are new at login; the second factor step renews them again', async () => {
  const { email } = someone(true)
  const page = await browser.get('/auth/account/login')
  const before = browser.jar.get('sallyport-pages')
  const factor = await browser.send(page, '/login', { email, password })
  const between = browser.jar.get('sallyport-pages')
  const stale = new Map(formsOf(page.body)[0]?.fields).get('csrf') ?? ''
  assert.equal((await post(factor.path, `csrf=${stale}&code=123456`)).status, 403)
  await browser.send(factor, '/second-factor', { code: '123456' })
  assert.equal(new Set([before, between, browser.jar.get('sallyport-pages')]).size, 3)
})

test('nothing from outside becomes markup: login hint, client, scopes, agents, protocol errors', async () => {
  const hostile = "\"><script>alert(1)</script><b title='x'>\r\nSet-Cookie: a=b"
  running.next = {
    loginHint: hostile,
    client: {
      id: hostile,
      name: hostile,
      logoUri: hostile,
      policyUri: 'javascript:alert(1)',
      tosUri: '//evil.example',
      verified: false,
    },
    scopes: [{ name: hostile, resource: hostile, description: hostile, asked: true }],
    claims: [hostile],
    resources: [hostile],
    redirectUri: "https://a.example/'; script-src *",
  }
  const { email } = someone()
  const login = await browser.follow('/begin')
  const consent = await browser.send(login, login.path, { email, password })
  const shown = [login, consent]
  for (const page of [
    { kind: 'error', status: 400, error: hostile, description: hostile },
    {
      kind: 'device-confirm',
      action: '/auth/protocol',
      xsrf: hostile,
      userCode: hostile,
      shown: hostile,
      client: running.next.client ?? assert.fail(),
      address: hostile,
      userAgent: hostile,
    },
    { kind: 'device-code', action: '/auth/protocol', xsrf: hostile, problem: 'wrong' },
    { kind: 'logout', action: 'javascript:alert(1)', xsrf: hostile, client: running.next.client },
  ] as const) {
    running.shown = page
    shown.push(await browser.get('/auth/protocol'))
  }
  for (const page of shown) {
    assert.ok(!/<script|<b title|javascript:|href="\/\//i.test(page.body), page.body)
    assert.ok(!String(page.headers['content-security-policy']).includes('*'))
    assert.ok(!JSON.stringify(page.headers).includes('a=b'))
  }
  running.next = { loginHint: 'x'.repeat(100_000) }
  assert.ok((await browser.follow('/begin')).body.length < 10_000)
})

test('no page leads away: tokens, next, rd and hosts in the path stay on the server', async () => {
  const { email } = someone()
  for (const path of [
    '/auth/account/login?next=https://evil.example&rd=//evil.example',
    '/auth/account/verify?token=https://evil.example/aaaaaaaaaaaa',
    '/auth/account/check-mail?about=https://evil.example',
    '/auth/account/login/check-mail?about=//evil.example',
    '/auth//evil.example/account',
    '/auth/account//evil.example',
    '/auth/interaction/../../evil',
  ]) {
    const page = await browser.raw(path)
    assert.ok(!String(page.headers['location'] ?? '').includes('evil'), path)
    assert.ok(!page.body.includes('evil.example'), path)
  }
  const page = await browser.get('/auth/account/login?next=https://evil.example')
  const done = await browser.submit(page, '/login', {
    email,
    password,
    next: 'https://evil.example',
    rd: 'x',
  })
  assert.equal(done.headers['location'], '/auth/account')
})

test('a reset link works once, says nothing of whether the account exists, and ends with a sign-in', async () => {
  const { email } = someone(true)
  const ask = await browser.get('/auth/account/login/reset')
  const known = await browser.send(ask, '/reset', { email })
  const unknown = await browser.send(await browser.get('/auth/account/login/reset'), '/reset', {
    email: 'nobody@example.test',
  })
  assert.equal(known.body, unknown.body)
  const { pathname, search } = new URL(/https?:\S+/.exec(running.accounts.mails[0]?.text ?? '')?.[0] ?? '')
  const page = await browser.follow(pathname + search)
  const short = await browser.submit(page, '/reset', { password: 'short' })
  assert.equal(short.status, 400)
  assert.match(textOf(short.body), /too short/)
  const done = await browser.submit(short, '/reset', { password: 'another long password' })
  assert.match(textOf(done.body), /Password changed/)
  assert.equal(
    (await browser.get('/auth/account')).headers['location'],
    '/auth/account/login',
    'nobody is signed in',
  )
  const used = await browser.follow(pathname + search)
  const gone = await browser.submit(used, '/reset', { password: 'another long password' })
  assert.match(textOf(gone.body), /expired or was used/)
  const login = await browser.get('/auth/account/login')
  const factor = await browser.send(login, '/login', { email, password: 'another long password' })
  assert.match(textOf(factor.body), /Second factor/, 'a reset does not go around the second factor')
})

test('account pages: password, second factor, recovery codes, passkeys', async () => {
  const { email, sub } = someone()
  const elsewhere = createFormBrowser(running.origin)
  await signIn(email, elsewhere)
  let page = await signIn(email)
  assert.match(textOf(page.body), new RegExp(`${email}.*confirmed`))
  const wrong = await browser.submit(page, '/password', { current: 'no', next: 'a new long password' })
  assert.equal(wrong.status, 400)
  assert.match(textOf(wrong.body), /current password is not right/)
  const common = await browser.submit(wrong, '/password', { current: password, next: 'a common password' })
  assert.match(textOf(common.body), /lists of known passwords/)
  page = await browser.send(common, '/password', { current: password, next: 'a new long password' })
  assert.match(textOf(page.body), /Your password is changed/)
  assert.equal((await elsewhere.get('/auth/account')).status, 303, 'other sessions are over')
  assert.doesNotMatch(
    textOf((await browser.get('/auth/account')).body),
    /Your password is changed/,
    'said once',
  )

  const setUp = await browser.get('/auth/account/totp')
  assert.match(setUp.body, /<svg class="qr" role="img" aria-label="[^"]+"/)
  assert.match(textOf(setUp.body), /JBSW Y3DP/)
  const bad = await browser.submit(setUp, '/totp', { code: '1' })
  assert.equal(bad.status, 400)
  assert.match(textOf(bad.body), /JBSW Y3DP/, 'the same key again')
  const tampered = await browser.submit(setUp, '/totp', { code: '1', draft: 'javascript:alert(1)' })
  assert.equal(tampered.headers['location'], '/auth/account/totp')
  const codes = await browser.submit(bad, '/totp', { code: '123456' })
  assert.equal([...codes.body.matchAll(/<li><code>/g)].length, 10)
  const overview = await browser.get('/auth/account/security')
  assert.match(textOf(overview.body), /10 codes left/)
  const renewed = await browser.submit(overview, '/recovery-codes')
  assert.equal([...renewed.body.matchAll(/<li><code>/g)].length, 10)

  const add = await browser.get('/auth/account/passkeys/new')
  assert.match(String(add.headers['content-security-policy']), /script-src 'self'/)
  assert.match(add.body, /data-options="\{&quot;challenge/)
  const junk = await browser.submit(add, '/passkeys/new', { response: '{"a":1,"a":2}' })
  assert.equal(junk.status, 400)
  const added = await browser.send(add, '/passkeys/new', { response: '{"id":"k"}', name: 'blue <key>' })
  assert.match(textOf(added.body), /blue <key>/)
  const id = (await running.accounts.passkeys.list(sub))[0]?.id ?? ''
  const signed = createFormBrowser(running.origin)
  const passkey = await signed.get('/auth/account/login/passkey')
  const home = await signed.send(passkey, '/passkey', { response: JSON.stringify({ id }) })
  assert.equal(home.path, '/auth/account')
  const removed = await browser.send(added, '/passkeys/remove')
  assert.match(textOf(removed.body), /Removed\..*No passkey yet/)
  running.accounts.refuseNext = { refused: 'password-too-short' }
  const kept = await browser.submit(removed, '/totp/remove')
  assert.match(textOf(kept.body), /too short to stand alone/)
  assert.deepEqual(running.faults, [])
})

test('changing a second factor needs a fresh sign-in, which leads back', async () => {
  const { email } = someone()
  const page = await signIn(email)
  const security = await browser.get('/auth/account/security')
  running.interactions.age(16 * 60)
  assert.ok(page.status === 200 && security.status === 200)
  const setUp = await browser.get('/auth/account/totp')
  assert.equal(setUp.headers['location'], '/auth/account/login')
  const again = await browser.get('/auth/account/login')
  assert.match(textOf(again.body), /sign in again to confirm/)
  const back = await browser.send(again, '/login', { email, password })
  assert.equal(back.path, '/auth/account/security')
  assert.equal((await browser.get('/auth/account/totp')).status, 200)
})

test('sessions and grants: listed, ended one by one, and everywhere', async () => {
  const { email, sub } = someone()
  const other = createFormBrowser(running.origin)
  await signIn(email, other)
  await signIn(email)
  const consent = await browser.follow('/begin')
  const asked = await browser.send(consent, consent.path, { email, password })
  await browser.submit(asked, '/consent', { answer: 'allow' })

  const grants = await browser.get('/auth/account/grants')
  assert.match(textOf(grants.body), /Trip Planner not verified.*Read your travel profile.*Take access back/)
  const without = await browser.send(grants, '/grants/revoke')
  assert.match(textOf(without.body), /has no access any more.*No application/)
  assert.deepEqual(running.interactions.grantsOf.get(sub), [])

  const sessions = await browser.get('/auth/account/sessions')
  assert.match(textOf(sessions.body), /Firefox on Linux this browser.*127\.0\.0\.1/)
  assert.equal(
    running.accounts.sessionsOf(sub).length,
    2,
    'signing in again in this browser replaces its session',
  )
  const foreign = await browser.submit(sessions, '/sessions/end', { id: 'of-somebody-else' })
  assert.equal(foreign.status, 303)
  assert.equal(running.accounts.sessionsOf(sub).length, 2)
  const ended = await browser.send(sessions, '/sessions/end')
  assert.match(textOf(ended.body), /That session is ended/)
  assert.equal(running.accounts.sessionsOf(sub).length, 1)

  const out = await browser.send(ended, '/sign-out-everywhere')
  assert.match(textOf(out.body), /signed out everywhere/)
  assert.equal(running.accounts.sessionsOf(sub).length, 0)
  assert.equal((await browser.get('/auth/account')).status, 303)
  assert.equal((await other.get('/auth/account')).status, 303)
})

test('sign out is a form, not a link', async () => {
  const { email } = someone()
  const page = await signIn(email)
  assert.equal((await browser.get('/auth/account/sign-out')).headers['location'], '/auth/account')
  assert.equal((await browser.get('/auth/account')).status, 200)
  const out = await browser.send(page, '/sign-out')
  assert.match(textOf(out.body), /signed out on this browser/)
  assert.equal((await browser.get('/auth/account')).status, 303)
})

test('first set-up: once, by its link', async () => {
  const token = 'the-set-up-token-of-the-test'
  assert.equal((await browser.get('/auth/account/set-up')).status, 400, 'no link, no form')
  const page = await browser.follow(`/auth/account/set-up?token=${token}`)
  const empty = await browser.submit(page, '/set-up', { email: '', password: '' })
  assert.match(textOf(empty.body), /Enter your e-mail address/)
  const done = await browser.submit(page, '/set-up', { email: 'root@example.test', password })
  assert.match(textOf(done.body), /Administrator created/)
  const again = await browser.get('/auth/account/set-up')
  assert.equal(again.status, 400)
})

test('mails of development are read on this machine alone, and nowhere else', async () => {
  const shown = await browser.get('/auth/account/mail')
  assert.match(shown.body, /<a href="http:\/\/127/)
  const production = await startPages({ development: false })
  try {
    const stranger = createFormBrowser(production.origin)
    assert.equal((await stranger.get('/auth/account/mail')).headers['location'], '/auth/account/login')
  } finally {
    await production.close()
  }
})

test('style, logo and script are kept for good under their hash; a theme is a file more', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-theme-'))
  writeFileSync(join(folder, 'own.css'), ':root { --accent: #123456 }')
  writeFileSync(
    join(folder, 'own.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
  )
  const themed = await startPages({ theme: { css: join(folder, 'own.css'), logo: join(folder, 'own.svg') } })
  try {
    const user = createFormBrowser(themed.origin)
    const page = await user.get('/auth/account/login')
    const links = [...page.body.matchAll(/(?:href|src)="(\/auth\/assets\/[^"]+)"/g)].map(
      ([, path]) => path ?? '',
    )
    assert.equal(new Set(links).size, 3)
    for (const link of links) {
      const asset = await user.get(link)
      assert.equal(asset.status, 200, link)
      assert.match(link, /\.[0-9a-f]{16}\.\w+$/)
      assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable')
      assert.match(String(asset.headers['content-security-policy']), /sandbox/)
      assert.equal(asset.headers['x-content-type-options'], 'nosniff')
    }
    assert.equal((await user.get('/auth/assets/pages.css')).status, 404)
    assert.equal((await user.get('/auth/assets/../pages.css')).status, 404)
    await assert.rejects(startPages({ theme: { css: join(folder, 'own.svg') } }), /theme/)
    await assert.rejects(startPages({ theme: { logo: join(folder, 'none.svg') } }), /ENOENT/)
  } finally {
    await themed.close()
    rmSync(folder, { recursive: true })
  }
})

test('a fault is a page with a reference, issues nothing, and hides its cause', async () => {
  const page = await browser.get('/auth/account/login')
  const { signIn: real } = running.accounts
  running.accounts.signIn = () => Promise.reject(new Error('database at secret-host is down'))
  try {
    const broken = await browser.submit(page, '/login', { email: 'a@b.c', password })
    assert.equal(broken.status, 500)
    assert.match(textOf(broken.body), /Reference request-1/)
    assert.ok(!broken.body.includes('secret-host'))
    assert.deepEqual(broken.cookies, [])
    assert.equal(running.faults.length, 1)
  } finally {
    running.accounts.signIn = real
  }
  running.accounts.refuseNext = { refused: 'unavailable' }
  const busy = await browser.submit(page, '/login', { email: 'a@b.c', password })
  assert.equal(busy.status, 503)
})

test('a changed or foreign cookie is a browser of which nothing is known', async () => {
  const { email } = someone(true)
  const page = await browser.get('/auth/account/login')
  const factor = await browser.send(page, '/login', { email, password })
  const sealed = browser.jar.get('sallyport-pages') ?? ''
  for (const cookie of [
    '',
    'v1.',
    sealed.slice(0, -4),
    `${sealed.slice(0, 20)}${sealed[20] === 'A' ? 'B' : 'A'}${sealed.slice(21)}`,
    'x'.repeat(9_000),
  ]) {
    browser.jar.set('sallyport-pages', cookie)
    const lost = await browser.raw(factor.path)
    assert.equal(lost.headers['location'], '/auth/account/login', cookie.slice(0, 30))
  }
})

test('fields tell password managers and keyboards what they are, and pasting is not in the way', async () => {
  const login = await browser.get('/auth/account/login')
  assert.match(login.body, /name="email" type="email" autocomplete="username"/)
  assert.match(login.body, /name="password" type="password" autocomplete="current-password"/)
  const register = await browser.get('/auth/account/login/register')
  assert.match(register.body, /name="password" type="password" autocomplete="new-password"/)
  assert.ok(!/<input[^>]*type="password"[^>]*maxlength/.test(register.body))
  const { email } = someone(true)
  const factor = await browser.send(login, '/login', { email, password })
  assert.match(factor.body, /name="code" type="text" autocomplete="one-time-code"/)
})

const own = {
  get origin(): string {
    return running.origin
  },
  'sec-fetch-site': 'same-origin',
}

function posting(
  body: string,
  headers: Readonly<Record<string, string>> = own,
): {
  readonly method: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
} {
  return {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  }
}

function post(path: string, body: string): Promise<Shown> {
  return browser.raw(path, posting(body))
}
