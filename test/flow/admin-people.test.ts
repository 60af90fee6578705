import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type {
  AccountsReply,
  ClientsReply,
  NewAccountReply,
  ProblemReply,
  SessionReply,
  SessionsReply,
} from '../../src/admin/contract.ts'
import { type App, createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { type AdminBrowser, askAdmin, signInAdmin } from '../support/admin-client.ts'
import { createFormBrowser } from '../support/authority-pages/form-browser.ts'
import { freePort } from '../support/free-port.ts'
import { type RecordingUpstream, startUpstream } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

const password = 'quiet lamps beside the river 7'
let folder: string
let origin: string
let url: string
let upstream: RecordingUpstream
let app: App
let setup: AdminBrowser
const ids = new Map<string, string>()

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-admin-people-'))
  upstream = await startUpstream()
  const port = await freePort()
  origin = `http://127.0.0.1:${port}`
  writeFileSync(join(folder, 'things.yaml'), thingsContract)
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(
    file,
    JSON.stringify({
      listen: [{ address: `127.0.0.1:${port}` }],
      admin: { address: '127.0.0.1:0', loopback: 'none' },
      log: { events: 'none' },
      authority: { issuer: `${origin}/auth`, dpopNonce: 'off' },
      apis: { things: { contract: 'things.yaml', upstream: upstream.url } },
    }),
  )
  app = await createApp(await loadConfig(file, {}))
  url = app.addresses.find(({ kind }) => kind === 'admin')?.url ?? ''
})
after(async () => {
  await app.close(0)
  await upstream.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the set-up link of the start makes an administrator, who makes accounts with roles', async () => {
  const note = app.notes.find((one) => one.includes('no administrator yet')) ?? ''
  const [, token = ''] = /#setup=([\w-]+)/.exec(note) ?? []
  assert.ok(note.includes(`${url}/#setup=`))
  setup = await signInAdmin(url, { kind: 'setup', token })
  for (const [name, roles] of [
    ['ann', ['sallyport-administrator']],
    ['olga', ['sallyport-operator', 'pilot']],
    ['vera', ['sallyport-viewer']],
    ['nora', ['admin']],
  ] as const) {
    const made = await setup.send('POST', '/api/v1/accounts', { email: `${name}@mail.example`, name, roles })
    assert.equal(made.status, 200, made.text)
    const { account, link } = made.json<NewAccountReply>()
    ids.set(name, account.id)
    const page = createFormBrowser(origin)
    const form = await page.follow(link.slice(origin.length))
    const done = await page.send(form, '', { password })
    assert.equal(done.status, 200, done.body)
  }
  const again = await setup.send('POST', '/api/v1/accounts', { email: 'ann@mail.example', roles: [] })
  assert.equal(again.status, 409)
  const wrong = await setup.send('POST', '/api/v1/accounts', { email: 'no address', roles: [] })
  assert.equal(wrong.status, 409)
})

/** Signs in to the console on the page of the embedded server, as a browser does; `at`: under which name of the console. */
async function signIn(name: string, at = url): Promise<AdminBrowser | number> {
  const headers = { origin: at, host: at.slice('http://'.length) }
  const start = await askAdmin(url, '/api/v1/session', { method: 'POST', body: { kind: 'start' }, headers })
  assert.equal(start.status, 200, start.text)
  const begun = String(start.headers['set-cookie']?.[0]).split(';')[0] ?? ''
  const browser = createFormBrowser(origin)
  const { authorize } = start.json<{ authorize: string }>()
  let shown = await browser.follow(authorize.slice(origin.length))
  for (let steps = 0; steps < 5 && !String(shown.headers['location']).startsWith(at); steps++) {
    const next = String(shown.headers['location'] ?? '')
    if (shown.status === 303 && next.startsWith(origin))
      shown = await browser.follow(next.slice(origin.length))
    else if (/name="password"/.test(shown.body))
      shown = await browser.send(shown, shown.path, { email: `${name}@mail.example`, password })
    else shown = await browser.send(shown, '/consent', { answer: 'allow' })
  }
  const back = URL.parse(String(shown.headers['location']))
  assert.equal(back?.origin, at, shown.body.slice(0, 2_000))
  const body = {
    kind: 'code',
    code: back?.searchParams.get('code') ?? '',
    state: back?.searchParams.get('state') ?? '',
  }
  const ended = await askAdmin(url, '/api/v1/session', {
    method: 'POST',
    body,
    headers: { ...headers, cookie: begun },
  })
  if (ended.status !== 200) return ended.status
  const cookie = String(ended.headers['set-cookie']?.[0]).split(';')[0] ?? ''
  const { csrf } = ended.json<SessionReply>()
  return {
    csrf,
    cookie,
    get: (path) => askAdmin(url, path, { headers: { cookie } }),
    send: (method, path, sent) =>
      askAdmin(url, path, { method, body: sent, headers: { cookie, 'x-csrf': csrf } }),
  }
}

async function mustSignIn(name: string): Promise<AdminBrowser> {
  const browser = await signIn(name)
  if (typeof browser === 'number') return assert.fail(`${name}: ${browser}`)
  return browser
}

test('accounts sign in by the page of the server, with the role of their account', async () => {
  for (const [name, role] of [
    ['ann', 'administrator'],
    ['olga', 'operator'],
    ['vera', 'viewer'],
  ] as const) {
    const browser = await mustSignIn(name)
    const session = (await browser.get('/api/v1/session')).json<SessionReply>()
    assert.deepEqual([session.role, session.via, session.name], [role, 'account', `${name}@mail.example`])
    assert.ok(session.signIn.account)
  }
  assert.equal(await signIn('nora'), 401, 'a role of an API is none here')
})

test('the console works under the name localhost as well, and under no name that only looks like it', async () => {
  const named = url.replace('127.0.0.1', 'localhost')
  const browser = await signIn('ann', named)
  assert.ok(typeof browser !== 'number')
  assert.equal((await browser.get('/api/v1/session')).json<SessionReply>().role, 'administrator')
  for (const host of ['localhost.example', 'localhost.', 'evil.example', 'localhost@evil.example']) {
    const origin = `http://${host}`
    const start = { method: 'POST', body: { kind: 'start' }, headers: { host, origin } }
    assert.equal(
      (await askAdmin(url, '/api/v1/session', start)).json<ProblemReply>().code,
      'ADMIN_HOST',
      host,
    )
  }
  const foreign = { origin: named, host: url.slice('http://'.length) }
  const start = { method: 'POST', body: { kind: 'start' }, headers: foreign }
  assert.equal((await askAdmin(url, '/api/v1/session', start)).json<ProblemReply>().code, 'ADMIN_ORIGIN')
})

test('accounts, sessions and clients are listed in pages', async () => {
  const ann = await mustSignIn('ann')
  const first = (await ann.get('/api/v1/accounts?limit=3')).json<AccountsReply>()
  assert.equal(first.items.length, 3)
  const second = (
    await ann.get(`/api/v1/accounts?limit=3&after=${encodeURIComponent(first.next ?? '')}`)
  ).json<AccountsReply>()
  assert.deepEqual(
    [...first.items, ...second.items].map(({ name }) => name),
    ['ann', 'nora', 'olga', 'vera'],
  )
  assert.equal(second.next, undefined)
  assert.doesNotMatch(JSON.stringify(first), /argon|password|\$/)
  const clients = (await ann.get('/api/v1/clients')).json<ClientsReply>()
  assert.deepEqual(
    clients.items.map(({ id, name, grantTypes }) => [id, name, grantTypes]),
    [['sallyport-console', 'Sallyport console', ['authorization_code']]],
  )
  const all: string[] = []
  for (let next: string | undefined = ''; next !== undefined; ) {
    const after: string = next === '' ? '' : `&after=${encodeURIComponent(next)}`
    const page = (await ann.get(`/api/v1/sessions?limit=2${after}`)).json<SessionsReply>()
    all.push(...page.items.map(({ id }) => id))
    next = page.next
  }
  assert.ok(all.length >= 4)
  assert.equal(new Set(all).size, all.length)
  const hers = (await ann.get(`/api/v1/sessions?account=${ids.get('vera')}`)).json<SessionsReply>()
  assert.equal(hers.items.length, 1)
  const ended = await ann.send('DELETE', `/api/v1/sessions/${encodeURIComponent(hers.items[0]?.id ?? '')}`)
  assert.equal(ended.status, 200)
  const left = (await ann.get(`/api/v1/sessions?account=${ids.get('vera')}`)).json<SessionsReply>()
  assert.equal(left.items.length, 0)
  for (const odd of ['%00', "'%20or%201=1", 'x'.repeat(500)])
    assert.equal((await ann.get(`/api/v1/sessions?after=${odd}`)).status, 200)
})

test('who may do less locks out nobody who may do more; nobody locks out oneself', async () => {
  const olga = await mustSignIn('olga')
  const ann = await mustSignIn('ann')
  const path = (name: string, what: string) => `/api/v1/accounts/${ids.get(name)}/${what}`
  assert.equal((await olga.send('POST', path('ann', 'disable'))).status, 403)
  assert.equal((await olga.send('POST', path('ann', 'sign-out'))).status, 403)
  assert.equal((await olga.send('POST', path('vera', 'enable'))).status, 403)
  assert.equal(
    (await olga.send('POST', path('olga', 'roles'), { roles: ['sallyport-administrator'] })).status,
    403,
  )
  assert.equal((await olga.send('POST', path('olga', 'disable'))).status, 409)
  assert.equal((await ann.send('POST', path('ann', 'roles'), { roles: [] })).status, 409)
  assert.equal((await ann.send('POST', '/api/v1/accounts/nobody/disable')).status, 404)
  assert.equal((await olga.send('POST', path('nora', 'disable'), { reason: 'left' })).status, 200)
  assert.equal((await ann.send('POST', path('nora', 'enable'))).status, 200)
})

test('a disabled account is out of the console within seconds', async () => {
  const vera = await mustSignIn('vera')
  const ann = await mustSignIn('ann')
  assert.equal((await vera.get('/api/v1/session')).status, 200)
  assert.equal((await ann.send('POST', `/api/v1/accounts/${ids.get('vera')}/disable`)).status, 200)
  await wait(2_200)
  assert.equal((await vera.get('/api/v1/session')).status, 401)
})

test('every route of the running gateway: nothing without a credential, no change by a viewer or without X-CSRF', async (t) => {
  await setup.send('POST', `/api/v1/accounts/${ids.get('vera')}/enable`)
  const viewer = await mustSignIn('vera')
  const { paths } = (await setup.get('/api/v1/openapi.json')).json<{
    paths: Record<
      string,
      Record<string, { 'x-role'?: string; security: object[]; requestBody?: { content: object } }>
    >
  }>()
  const ajv = new Ajv2020({ strict: true })
  let changes = 0
  let reads = 0
  for (const [template, methods] of Object.entries(paths))
    for (const [name, { 'x-role': role, security, requestBody }] of Object.entries(methods)) {
      const path = template.replace(/\{\w+\}/, 'x')
      // A start takes the schemas of bodies as they are.
      for (const { schema } of Object.values<{ schema: object }>({ ...requestBody?.content }))
        assert.ok(ajv.validateSchema(schema), `${name} ${path}: ${ajv.errorsText()}`)
      const method = name.toUpperCase()
      if (security.length === 0) continue
      assert.ok(role === 'viewer' || role === 'operator' || role === 'administrator', path)
      const bare = await askAdmin(url, path, { method, body: method === 'GET' ? undefined : {} })
      assert.ok(bare.status === 401 || bare.status === 403, `${method} ${path}: ${bare.status}`)
      const foreign = { cookie: setup.cookie, 'x-csrf': setup.csrf, host: 'rebound.example' }
      assert.equal((await askAdmin(url, path, { method, headers: foreign })).status, 421)
      if (method === 'GET') {
        reads++
        continue
      }
      changes++
      const forged = await askAdmin(url, path, { method, body: {}, headers: { cookie: setup.cookie } })
      assert.equal(forged.status, 403, `${method} ${path} without X-CSRF`)
      if (role !== 'viewer')
        assert.equal((await viewer.send(method, path, {})).status, 403, `${method} ${path}`)
    }
  assert.ok(changes >= 18 && reads >= 18)
  t.diagnostic(`${reads} routes that read, ${changes} that change`)
})

test('every change is on record with who did it and to whom', async () => {
  let events: { operation: string; reason: string; sub: string; objects: { id: string }[] }[] = []
  for (let tries = 0; tries < 30; tries++) {
    const reply = await setup.get('/api/v1/events?api=sallyport&operationPrefix=admin.&limit=500')
    events = reply.json<{ events: typeof events }>().events
    if (events.some(({ operation }) => operation === 'admin.disableAccount')) break
    await wait(100)
  }
  const of = (operation: string) => events.filter((one) => one.operation === `admin.${operation}`)
  const disabled = of('disableAccount').find(({ reason }) => reason.endsWith('left'))
  assert.equal(disabled?.sub, ids.get('olga'))
  assert.equal(disabled?.objects[0]?.id, ids.get('nora'))
  assert.match(disabled?.reason ?? '', /^by olga@mail\.example \(operator, account\): left$/)
  assert.ok(of('disableAccount').some(({ reason }) => reason.endsWith(': ADMIN_ROLE')))
  const made = of('createAccount').filter(({ reason }) => !/ADMIN_(?:ROLE|CSRF)/.test(reason))
  assert.equal(made.length, 6)
  assert.ok(of('signIn').length > 4)
})
