import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createProver } from '../rfc/dpop-fixture.ts'
import { freePort } from '../support/free-port.ts'
import { type MailServer, mailPassword, startMailServer } from '../support/mail-server.ts'
import { UserAgent } from '../support/user-agent.ts'
import { type RecordingUpstream, startUpstream } from './running-gateway.ts'
import { commandJson } from './sallyport.ts'

/** The secrets run: a canary in every field that holds a credential, then everything the gateway wrote is searched. */

const contract = `
openapi: 3.1.0
info: { title: Things, version: "1" }
security: [{ login: [things:read] }, { key: [] }]
paths:
  /things: { get: { operationId: listThings, responses: { '200': { description: ok, content: { application/json: { schema: {} } } } } } }
components:
  securitySchemes:
    key: { type: apiKey, in: header, name: X-API-Key }
    login: { type: oauth2, flows: { clientCredentials: { tokenUrl: /auth/token, scopes: { "things:read": Read } } } }
`
const program = join(import.meta.dirname, '../../bin/sallyport.js')
const redirectUri = 'http://127.0.0.1:9/callback'
const person = { email: 'ada@mail.example', password: 'canary password of ada, quiet lamps' }

let folder: string
let origin: string
let admin: string
let mail: MailServer
let upstream: RecordingUpstream
/** Where events and spans go: bodies, for headers hold what the operator wrote for it. */
let receiver: { readonly port: number; readonly bodies: string[]; close(): void }
let gateway: ChildProcess
let said = ''
/** Name and value of each secret that was sent or given. */
const canaries = new Map<string, string>([
  ['password', person.password],
  ['password of the mail server', mailPassword],
])
/** Bodies of refusals. */
const refusals: string[] = []

const canary = (name: string, value: string = `canary-${randomBytes(12).toString('hex')}`): string => {
  assert.ok(value.length >= 6, `${name} is too short to be searched for: ${value}`)
  canaries.set(`${name} ${canaries.size}`, value)
  return value
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-secrets-'))
  mail = await startMailServer()
  upstream = await startUpstream()
  receiver = await startReceiver()
  const [port, adminPort] = [await freePort(), await freePort()]
  origin = `http://127.0.0.1:${port}`
  admin = `http://127.0.0.1:${adminPort}`
  writeFileSync(join(folder, 'things.yaml'), contract)
  writeFileSync(
    join(folder, 'sallyport.yaml'),
    `listen: [{ address: "127.0.0.1:${port}" }]
admin: { address: "127.0.0.1:${adminPort}", token: "\${file:admin-token}" }
store: { durable: "sqlite:sallyport.db" }
log: { events: stdout }
keys: { header: X-API-Key }
audit:
  sinks:
    - { kind: file, file: audit.ocsf.jsonl, format: ocsf }
    - { kind: webhook, url: "http://127.0.0.1:${receiver.port}/webhook", secret: "\${file:webhook-secret}" }
    - { kind: otlp, url: "http://127.0.0.1:${receiver.port}/logs", headers: { Authorization: "\${file:collector-credential}" } }
traces: { url: "http://127.0.0.1:${receiver.port}/traces", ratio: 1 }
authority:
  issuer: ${origin}/auth
  encryptionKey: "\${file:encryption-key}"
  mail: { smtp: "\${file:smtp-url}", from: no-reply@travel.example }
apis: { things: { contract: things.yaml, upstream: "${upstream.url}" } }
`,
  )
  const files = {
    'admin-token': canary('admin token', randomBytes(24).toString('base64url')),
    'encryption-key': canary('encryption key', randomBytes(32).toString('base64url')),
    'smtp-url': mail.url,
    'webhook-secret': canary('webhook secret', randomBytes(24).toString('base64url')),
    'collector-credential': canary('collector credential', randomBytes(24).toString('base64url')),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
  gateway = spawn(process.execPath, [program, 'serve', '--config', join(folder, 'sallyport.yaml')], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [gateway.stdout, gateway.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  for (let tries = 0; !/sallyport: ready/.test(said); tries++) {
    assert.ok(tries < 300 && gateway.exitCode === null, said)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
})

after(async () => {
  if (gateway?.exitCode === null) {
    const over = new Promise((resolve) => gateway.once('exit', resolve))
    gateway.kill('SIGKILL')
    await over
  }
  receiver?.close()
  await upstream?.close()
  await mail?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function startReceiver(): Promise<typeof receiver> {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      bodies.push(`${request.url} ${body}`)
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    bodies,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** `fetch` that takes every cookie for a canary, and keeps what refusals say. */
async function send(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const reply = await fetch(url, { redirect: 'manual', ...init })
  for (const cookie of reply.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    // These name the step of the address bar; the secret is the signature in the cookie beside them.
    if (/^sallyport-(?:step|resume)$/.test(name)) continue
    if (value.length > 20) canary(`cookie ${name}`, value)
  }
  if (reply.status < 400) return reply
  const text = await reply.text()
  refusals.push(text)
  return new Response(text, { status: reply.status, headers: reply.headers })
}

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

async function post(path: string, fields: Record<string, string>, headers = {}): Promise<Answer> {
  const reply = await send(`${origin}/auth${path}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
  })
  const text = await reply.text()
  return { status: reply.status, body: text.startsWith('{') ? JSON.parse(text) : {} }
}

const call = (headers: Record<string, string>, query = ''): Promise<Response> =>
  send(`${origin}/things${query}`, { headers })

/** The part of a token that makes it one. */
const signatureOf = (token: string): string => token.slice(token.lastIndexOf('.') + 1)

async function clients(): Promise<void> {
  const { id, secret } = await commandJson<{ id: string; secret: string }>(
    folder,
    ...[
      'clients',
      'create',
      '--grant',
      'code',
      '--grant',
      'refresh',
      '--grant',
      'client',
      '--grant',
      'device',
    ],
    ...['--redirect-uri', redirectUri, '--scope', 'things:read', '--verified'],
  )
  canary('client secret', secret)
  const basic = canary('basic', Buffer.from(`${id}:${secret}`).toString('base64'))
  const authorization = { authorization: `Basic ${basic}` }

  // Code, ID token, refresh token.
  const { link } = await commandJson<{ link: string }>(
    folder,
    'users',
    'create',
    person.email,
    '--name',
    'Ada',
  )
  canary('set-up link', /token=([\w-]+)/.exec(link)?.[1])
  const browser = new UserAgent(origin, send as typeof fetch, person)
  await browser.choosePassword(link)
  // A new password ends what was issued until then, to the second.
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  const verifier = canary('code verifier', randomBytes(32).toString('base64url'))
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const query = new URLSearchParams({
    client_id: id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid offline_access things:read',
    prompt: 'consent',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    id_token_hint: canary('ID token hint'),
  })
  await browser.go(`${origin}/auth/authorize?${query}`)
  query.delete('id_token_hint')
  const { away } = await browser.go(`${origin}/auth/authorize?${query}`)
  const code = canary('code', away?.searchParams.get('code') ?? '')
  const redeem = (given: string, proof: string) =>
    post(
      '/token',
      { grant_type: 'authorization_code', code: given, redirect_uri: redirectUri, code_verifier: proof },
      authorization,
    )
  await redeem(canary('unknown code'), verifier)
  const tokens = await redeem(code, verifier)
  assert.equal(tokens.status, 200, JSON.stringify(tokens))
  const access = String(tokens.body['access_token'])
  canary('access token', signatureOf(access))
  canary('ID token', signatureOf(String(tokens.body['id_token'])))
  const refresh = canary('refresh token', String(tokens.body['refresh_token']))
  const renewed = await post('/token', { grant_type: 'refresh_token', refresh_token: refresh }, authorization)
  assert.equal(renewed.status, 200)
  canary('access token', signatureOf(String(renewed.body['access_token'])))
  canary('refresh token', String(renewed.body['refresh_token']))
  await post(
    '/token',
    { grant_type: 'refresh_token', refresh_token: canary('unknown refresh token') },
    authorization,
  )
  await post('/introspect', { token: access }, authorization)
  await post('/introspect', { token: canary('unknown token') }, authorization)
  await send(`${origin}/auth/userinfo`, { headers: { authorization: `Bearer ${access}` } })

  // Its calls.
  assert.equal((await call({ authorization: `Bearer ${access}` })).status, 200)
  await call({
    authorization: `Bearer ${access.slice(0, -8)}${canary('forged', randomBytes(6).toString('base64url'))}`,
  })
  await call({ authorization: `Bearer ${canary('opaque token')}` })
  await call({ authorization: `Basic ${canary('basic', randomBytes(30).toString('base64'))}` })
  await call({ authorization: `Bearer ${access}`, cookie: `session=${canary('foreign cookie')}` })
  await call({}, `?access_token=${canary('token in the query')}`)
  await call({ 'x-api-key': canary('unknown API key') })
  const proof = createProver().proof(access)
  canary('proof', signatureOf(proof))
  await call({ authorization: `DPoP ${access}`, dpop: proof })

  // Clients that fail.
  const grant = { grant_type: 'client_credentials', scope: 'things:read' }
  await post('/token', { ...grant, client_id: id, client_secret: canary('wrong client secret') })
  await post('/token', { ...grant, client_id: 'nobody', client_secret: canary('secret') })
  await post(`/token?client_secret=${canary('secret in the query')}`, grant, authorization)
  await post('/token', { ...grant, password: canary('password of a grant') }, authorization)
  await post(
    '/token',
    { grant_type: 'password', username: 'ada', password: canary('password grant') },
    authorization,
  )
  await post('/token', {
    ...grant,
    client_id: id,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${canary('assertion')}.${canary('assertion')}.${canary('assertion')}`,
  })
  const device = await post('/device_authorization', { client_id: id, scope: 'things:read' }, authorization)
  canary('device code', String(device.body['device_code']))
  await post('/revoke', { token: String(renewed.body['refresh_token']) }, authorization)
  const secretAgain = await commandJson<{ secret?: string }>(folder, 'clients', 'rotate-secret', id)
  if (secretAgain.secret !== undefined) canary('rotated client secret', secretAgain.secret)
}

async function people(): Promise<void> {
  const wrong = canary('wrong password')
  const page = await send(`${origin}/auth/account/login`)
  const html = await page.text()
  const cookies = page.headers.getSetCookie().map((one) => one.split(';')[0])
  const hidden = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)]
  const form = new URLSearchParams(hidden.map(([, name = '', value = '']): [string, string] => [name, value]))
  const headers = { origin, cookie: cookies.join('; '), 'sec-fetch-site': 'same-origin' }
  for (const [email, password] of [
    [person.email, wrong],
    ['nobody@mail.example', canary('password of nobody')],
    // Who types it into the wrong field. The page shows it again, to them.
    [canary('password as an address'), ''],
  ] as const) {
    form.set('email', email)
    form.set('password', password)
    await send(`${origin}/auth/account/login`, { method: 'POST', headers, body: form })
  }
  const reset = await send(`${origin}/auth/account/login/reset`, { headers })
  const fields = [...(await reset.text()).matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)]
  const ask = new URLSearchParams(fields.map(([, name = '', value = '']): [string, string] => [name, value]))
  ask.set('email', person.email)
  await send(`${origin}/auth/account/login/reset`, { method: 'POST', headers, body: ask })
  const sent = await mail.next(person.email)
  canary('reset token', /token=([\w-]+)/.exec(sent.text)?.[1])
  await send(`${origin}/auth/account/reset?token=${canary('unknown reset token')}`)
}

async function keys(): Promise<void> {
  const made = await commandJson(folder, 'keys', 'create', '--name', 'run', '--owner', 'bench')
  const key = canary('API key', String(made['key']))
  let reply = await call({ 'x-api-key': key })
  for (let tries = 0; reply.status !== 200 && tries < 50; tries++) reply = await call({ 'x-api-key': key })
  assert.equal(reply.status, 200)
  const rotated = await commandJson(folder, 'keys', 'rotate', String(made['id']))
  canary('rotated API key', String(rotated['key']))
}

async function adminSays(path: string, token: string): Promise<string> {
  const reply = await fetch(admin + path, { headers: { authorization: `Bearer ${token}` } })
  return reply.text()
}

test('L04: no secret is in logs, events, metrics, errors, what is forwarded, or the files of the store', async (t) => {
  await clients()
  await people()
  await keys()
  await adminSays('/api/v1/events', canary('wrong admin token'))
  const token = readFileSync(join(folder, 'admin-token'), 'utf8')
  let events = ''
  for (let tries = 0; !/"operation":"listThings"/.test(events) && tries < 100; tries++) {
    events = await adminSays('/api/v1/events?limit=500', token)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const metrics = await adminSays('/metrics', token)
  const inventory = await adminSays('/api/v1/inventory', token)
  assert.match(inventory, /listThings/)
  assert.match(metrics, /sallyport_/)
  const over = new Promise((resolve) => gateway.once('exit', resolve))
  gateway.kill('SIGTERM')
  await over

  const places = new Map([
    ['log', said],
    ['events', events],
    ['metrics', metrics],
    ['inventory', inventory],
    ['collectors', receiver.bodies.join('\n')],
    ['refusals', refusals.join('\n')],
    ['upstream', JSON.stringify(upstream.seen)],
  ])
  for (const path of ['/webhook', '/logs', '/traces'])
    assert.ok(
      receiver.bodies.some((body) => body.startsWith(path) && body.includes('listThings')),
      path,
    )
  // The operator's own files hold what the operator wrote; all others are the gateway's.
  const own = ['admin-token', 'encryption-key', 'smtp-url', 'webhook-secret', 'collector-credential']
  for (const name of readdirSync(folder, { recursive: true }) as string[])
    if (statSync(join(folder, name)).isFile() && !own.includes(name))
      places.set(`file ${name}`, readFileSync(join(folder, name)).toString('latin1'))
  assert.ok([...places].some(([name, text]) => name.endsWith('.db') && text.includes(person.email)))
  assert.match(said, /listThings/)
  // What is meant to be there: a cookie of the API's own, and what somebody typed, on the page they typed it into.
  const meant = /^(?:foreign cookie \d+ in upstream|password as an address \d+ in refusals)$/
  assert.ok([...canaries.keys()].some((name) => name.startsWith('cookie sallyport ')))
  const found: string[] = []
  for (const [name, value] of canaries)
    for (const [place, text] of places) {
      const where = `${name} in ${place}`
      if (text.includes(value) && !meant.test(where)) found.push(where)
    }
  assert.deepEqual(found, [])
  t.diagnostic(`${canaries.size} canaries, ${places.size} places, ${refusals.length} refusals`)
})
