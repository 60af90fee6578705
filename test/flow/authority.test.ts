import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as oidc from 'openid-client'
import { type App, createApp } from '../../src/app/app.ts'
import { openState } from '../../src/app/state/state.ts'
import { loadConfig } from '../../src/config/load-config.ts'
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
    post:
      operationId: makeThing
      security: [{ login: [things:write] }]
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } }
components:
  securitySchemes:
    login:
      type: oauth2
      flows: { clientCredentials: { tokenUrl: /auth/token, scopes: { "things:read": Read, "things:write": Write } } }
`

let folder: string
let upstream: RecordingUpstream
let app: App
let origin: string
let file: string

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-authority-'))
  upstream = await startUpstream()
  const port = await freePort()
  origin = `http://127.0.0.1:${port}`
  file = join(folder, 'sallyport.yaml')
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

/** A client, made as the command makes it: by another hand on the same store. */
async function register(scopes: string[]): Promise<{ id: string; secret: string }> {
  const { createClientAdmin } = await import('../../src/app/admin/client-admin.ts')
  const { config } = await loadConfig(file, {})
  const state = await openState(config)
  try {
    const { client, secret } = await createClientAdmin(state, config).create({ grants: ['client'], scopes })
    return { id: client.id, secret: secret ?? '' }
  } finally {
    await state.close()
  }
}

test('a client gets a token from the gateway and calls an API behind it; what it lacks is refused', async () => {
  const { id, secret } = await register(['things:read'])
  const config = await oidc.discovery(
    new URL(`${origin}/auth`),
    id,
    undefined,
    oidc.ClientSecretBasic(secret),
    {
      execute: [oidc.allowInsecureRequests],
    },
  )
  const tokens = await oidc.clientCredentialsGrant(config, { scope: 'things:read' })
  const call = (method: string) =>
    fetch(`${origin}/things`, { method, headers: { authorization: `Bearer ${tokens.access_token}` } })
  const read = await call('GET')
  assert.equal(read.status, 200, await read.text())
  const write = await call('POST')
  assert.equal(write.status, 403)
  assert.match(write.headers.get('www-authenticate') ?? '', /insufficient_scope/)
  await assert.rejects(oidc.clientCredentialsGrant(config, { scope: 'things:write' }), {
    error: 'invalid_scope',
  })
  await oidc.tokenRevocation(config, tokens.access_token)
  const revoked = await call('GET')
  assert.equal(revoked.status, 401)
})

test('both well-known forms say the same; every call is on record as an operation of `authority`', async () => {
  const documents = await Promise.all(
    [
      '/auth/.well-known/openid-configuration',
      '/auth/.well-known/oauth-authorization-server',
      '/.well-known/oauth-authorization-server/auth',
      '/.well-known/openid-configuration/auth',
    ].map(async (path) => (await fetch(origin + path)).json()),
  )
  for (const document of documents) assert.deepEqual(document, documents[0])
  assert.equal((documents[0] as { issuer: string }).issuer, `${origin}/auth`)
  assert.equal((await fetch(`${origin}/auth/token`)).status, 405)
  assert.equal((await fetch(`${origin}/auth/nothing`)).status, 404)
  assert.ok((await fetch(`${origin}/auth/token`, { method: 'POST' })).status >= 400)
  const admin = app.addresses.find((one) => one.kind === 'admin')?.url ?? ''
  let operations = new Set<string>()
  for (let tries = 0; tries < 100 && !(operations.has('discovery') && operations.has('token')); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    const page = (await (await fetch(`${admin}/api/v1/events?api=authority&limit=500`)).json()) as {
      events?: { operation: string }[]
      items?: { operation: string }[]
    }
    operations = new Set((page.events ?? page.items ?? []).map((event) => event.operation))
  }
  assert.ok(operations.has('discovery'), [...operations].join())
  assert.ok(operations.has('token'))
})

test('the first start has no account and no default secret: it names a one-time link', () => {
  assert.ok(app.notes.some((note) => note.includes('/auth/account/set-up?token=')))
  assert.equal(statSync(join(folder, '.sallyport', 'authority.key')).mode & 0o777, 0o600)
})

test('A23: APIs with audiences of their own: a token of one is none at the other', async () => {
  const port = await freePort()
  const here = `http://127.0.0.1:${port}`
  const second = join(folder, 'two.yaml')
  const issuer = (name: string) => ({
    issuer: `${here}/auth`,
    audience: `https://api.example.test/${name}`,
    algorithms: ['ES256'],
    keys: 'authority',
  })
  const api = (name: string) => ({
    contract: 'things.yaml',
    upstream: upstream.url,
    basePath: `/${name}`,
    security: { login: [name] },
  })
  writeFileSync(
    second,
    JSON.stringify({
      listen: [{ address: `127.0.0.1:${port}` }],
      store: { durable: 'sqlite:two.db' },
      log: { events: 'none' },
      authority: { issuer: `${here}/auth`, dpopNonce: 'off' },
      issuers: { north: issuer('north'), south: issuer('south') },
      apis: { north: api('north'), south: api('south') },
    }),
  )
  const both = await createApp(await loadConfig(second, {}))
  try {
    const { createClientAdmin } = await import('../../src/app/admin/client-admin.ts')
    const { config } = await loadConfig(second, {})
    const state = await openState(config)
    const { client, secret } = await createClientAdmin(state, config)
      .create({ grants: ['client'], scopes: ['things:read'] })
      .finally(() => state.close())
    const token = async (resource: string) => {
      const reply = await fetch(`${here}/auth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${client.id}:${secret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'things:read', resource }),
      })
      return ((await reply.json()) as { access_token: string }).access_token
    }
    const north = await token('https://api.example.test/north')
    const call = async (name: string) =>
      (await fetch(`${here}/${name}/things`, { headers: { authorization: `Bearer ${north}` } })).status
    assert.equal(await call('north'), 200)
    assert.equal(await call('south'), 401)
  } finally {
    await both.close(0)
  }
})
