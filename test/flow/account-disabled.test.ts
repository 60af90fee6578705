import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createClientAdmin } from '../../src/app/admin/client-admin.ts'
import { createUserAdmin, type UserAdmin } from '../../src/app/admin/user-admin.ts'
import { type App, createApp } from '../../src/app/app.ts'
import { openState } from '../../src/app/state/state.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { createFormBrowser, type FormBrowser } from '../support/authority-pages/form-browser.ts'
import { freePort } from '../support/free-port.ts'
import { type RecordingUpstream, startUpstream } from './running-gateway.ts'

const contract = `
openapi: 3.1.0
info: { title: Things, version: "1" }
paths:
  /things:
    get:
      operationId: listThings
      security: [{ login: [things:read] }]
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } }
components:
  securitySchemes:
    login:
      type: oauth2
      flows: { authorizationCode: { authorizationUrl: /auth/authorize, tokenUrl: /auth/token, scopes: { "things:read": Read } } }
`
const email = 'root@mail.example'
const password = 'quiet lamps beside the river 7'
const redirectUri = 'http://127.0.0.1:1/callback'

let folder: string
let file: string
let origin: string
let upstream: RecordingUpstream
let app: App

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-disabled-'))
  file = join(folder, 'sallyport.yaml')
  upstream = await startUpstream()
  const port = await freePort()
  origin = `http://127.0.0.1:${port}`
  writeFileSync(join(folder, 'things.yaml'), contract)
  writeFileSync(
    file,
    JSON.stringify({
      listen: [{ address: `127.0.0.1:${port}` }],
      admin: { address: '127.0.0.1:0' },
      log: { events: 'none' },
      authority: { issuer: `${origin}/auth`, dpopNonce: 'off' },
      apis: { things: { contract: 'things.yaml', upstream: upstream.url } },
    }),
  )
  app = await createApp(await loadConfig(file, {}))
})

after(async () => {
  await app.close(0)
  await upstream.close()
  rmSync(folder, { recursive: true, force: true })
})

test('U13 from the set-up link to a token; disabled by a command, the token, the session and the password end within 5 s', async (t) => {
  const link =
    app.notes.map((note) => /(\/auth\/account\/set-up\?token=\S+)/.exec(note)?.[1]).find(Boolean) ?? ''
  const setUp = createFormBrowser(origin)
  const page = await setUp.follow(link)
  const done = await setUp.submit(page, '/set-up', { email, password })
  assert.equal(done.status, 200, done.body)

  const client = await withStore(async (state, config) => {
    const made = await createClientAdmin(state, config).create({
      name: 'App',
      redirectUris: [redirectUri],
      grants: ['code', 'refresh'],
      scopes: ['openid', 'things:read'],
      verified: true,
      authentication: 'none',
    })
    return made.client.id
  })
  const browser = createFormBrowser(origin)
  const token = await tokenFor(browser, client)
  assert.equal(await call(token), 200)

  const start = performance.now()
  await asOperator(async ({ people, by }) => {
    const account = await people.findByEmail(email)
    assert.equal(await people.disable(account?.sub ?? '', by), true)
  })
  while ((await call(token)) !== 401) {
    assert.ok(performance.now() - start < 5_000, 'the token still counts after 5 s')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  t.diagnostic(`the token was refused ${(performance.now() - start).toFixed(0)} ms after the command began`)
  const account = await browser.follow('/auth/account')
  assert.doesNotMatch(account.body, new RegExp(email), 'the session is over')

  await asOperator(async ({ people, by }) => {
    const one = await people.findByEmail(email)
    await people.enable(one?.sub ?? '', by)
  })
  assert.equal(await call(token), 401, 'what was issued before stays refused')
  // Tokens say the second they were issued in: one of the same second as the end would be refused too.
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  assert.equal(await call(await tokenFor(createFormBrowser(origin), client)), 200)
})

test('sign-ins and commands are events among the others', async () => {
  const admin = app.addresses.find((one) => one.kind === 'admin')?.url ?? ''
  const expected = ['set-up', 'created', 'sign-in', 'disabled', 'enabled'].map((kind) => `account.${kind}`)
  let seen = new Set<string>()
  for (let tries = 0; tries < 30 && !expected.every((one) => seen.has(one)); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    const reply = await fetch(`${admin}/api/v1/events?api=authority&limit=200`)
    const text = await reply.text()
    assert.ok(!text.includes(email) && !text.includes(password))
    const { events } = JSON.parse(text) as { events: { operation: string }[] }
    seen = new Set(events.map((event) => event.operation))
  }
  for (const one of expected) assert.ok(seen.has(one), `${one} of ${[...seen].join(' ')}`)
})

/** Signs in and redeems the code of a public client. */
async function tokenFor(browser: FormBrowser, client: string): Promise<string> {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const query = new URLSearchParams({
    client_id: client,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid things:read',
    resource: origin,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })
  let shown = await browser.follow(`/auth/authorize?${query}`)
  for (let steps = 0; steps < 5 && !String(shown.headers['location']).startsWith(redirectUri); steps++) {
    const at = String(shown.headers['location'] ?? '')
    if (shown.status === 303 && at.startsWith(origin)) shown = await browser.follow(at.slice(origin.length))
    else if (/name="password"/.test(shown.body))
      shown = await browser.send(shown, shown.path, { email, password })
    else shown = await browser.send(shown, '/consent', { answer: 'allow' })
  }
  const code = URL.parse(String(shown.headers['location']))?.searchParams.get('code')
  assert.ok(code, `${shown.status} ${shown.headers['location']} ${shown.body.slice(0, 2_000)}`)
  const reply = await fetch(`${origin}/auth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: client,
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
      resource: origin,
    }),
  })
  const tokens = (await reply.json()) as { access_token?: string }
  assert.ok(tokens.access_token, JSON.stringify(tokens))
  return tokens.access_token
}

async function call(token: string): Promise<number> {
  const reply = await fetch(`${origin}/things`, { headers: { authorization: `Bearer ${token}` } })
  await reply.text()
  return reply.status
}

async function withStore<T>(work: (...store: Parameters<typeof createUserAdmin>) => Promise<T>): Promise<T> {
  const { config } = await loadConfig(file, {})
  const state = await openState(config)
  try {
    return await work(state, config)
  } finally {
    await state.close()
  }
}

/** As the command does it: another hand on the same store. */
function asOperator(work: (admin: UserAdmin) => Promise<void>): Promise<void> {
  return withStore(async (state, config) => {
    const admin = createUserAdmin(state, config)
    await work(admin)
    await admin.record()
  })
}
