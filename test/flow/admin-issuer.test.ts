import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { SessionReply, StartReply } from '../../src/admin/contract.ts'
import { type App, createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { Unusable } from '../../src/kernel/finding.ts'
import { askAdmin, signInAdmin } from '../support/admin-client.ts'
import { thingsContract } from './things-contract.ts'

const audience = 'https://sallyport.corp.example/admin'
let folder: string
let idp: Server
let issuer = ''
let app: App
let url = ''
let key: CryptoKey
let jwk: JWK
/** What the token endpoint was sent, and what it says next. */
let asked = new URLSearchParams()
let authorization = ''
let idToken: () => Promise<string> = async () => ''

async function sign(claims: Record<string, unknown>, typ?: string): Promise<string> {
  return new SignJWT({ iss: issuer, sub: 'ann', iat: now(), exp: now() + 300, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...(typ !== undefined && { typ }) })
    .sign(key)
}
const now = (): number => Math.floor(Date.now() / 1000)

before(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true })
  key = pair.privateKey
  jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256' }
  idp = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', async () => {
      response.setHeader('content-type', 'application/json')
      if (request.url === '/.well-known/openid-configuration')
        response.end(
          JSON.stringify({
            issuer,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/jwks`,
          }),
        )
      else if (request.url === '/jwks') response.end(JSON.stringify({ keys: [jwk] }))
      else if (request.url === '/token') {
        asked = new URLSearchParams(body)
        authorization = String(request.headers.authorization)
        response.end(JSON.stringify({ id_token: await idToken() }))
      } else response.writeHead(404).end('{}')
    })
  })
  await new Promise<void>((resolve) => idp.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(idp.address() as AddressInfo).port}`
  folder = mkdtempSync(join(tmpdir(), 'sallyport-admin-issuer-'))
  writeFileSync(join(folder, 'things.yaml'), thingsContract)
  app = await createApp(configOf({}))
  url = app.addresses.find(({ kind }) => kind === 'admin')?.url ?? ''
})
after(async () => {
  await app.close(0)
  idp.close()
  idp.closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
})

function configOf(admin: Record<string, unknown>) {
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(
    file,
    JSON.stringify({
      listen: [{ address: '127.0.0.1:0' }],
      admin: {
        address: '127.0.0.1:0',
        issuer: 'corp',
        audience,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
        client: { id: 'console', secret: '${CONSOLE_SECRET}' },
        roles: { administrator: ['sre'], operator: ['soc'], viewer: ['dev'] },
        ...admin,
      },
      store: { durable: 'sqlite::memory:', shared: 'memory' },
      log: { events: 'none' },
      issuers: {
        corp: { issuer, audience: 'https://api.example', algorithms: ['ES256'], keys: 'discovery' },
      },
      apis: {
        things: { contract: 'things.yaml', upstream: 'http://127.0.0.1:9', security: { token: ['corp'] } },
      },
    }),
  )
  return loadConfig(file, { CONSOLE_SECRET: 'a secret of the console' })
}

describe('people of an external issuer', () => {
  test('loopback alone is nobody, and no set-up link is made', async () => {
    assert.equal((await askAdmin(url, '/api/v1/session')).status, 401)
    assert.ok(!app.notes.some((note) => note.includes('#setup=')))
  })

  test('access tokens that are meant for the admin API, by their role; others are nothing', async () => {
    const ask = async (claims: Record<string, unknown>, typ = 'at+jwt') => {
      const headers = { authorization: `Bearer ${await sign({ aud: audience, ...claims }, typ)}` }
      return askAdmin(url, '/api/v1/session', { headers })
    }
    for (const [role, name] of [
      ['sre', 'administrator'],
      ['soc', 'operator'],
      ['dev', 'viewer'],
    ] as const) {
      const session = (await ask({ roles: [role] })).json<SessionReply>()
      assert.deepEqual([session.role, session.via, session.name], [name, 'issuer', 'ann'])
    }
    for (const claims of [
      { roles: ['admin'] },
      { roles: [] },
      {},
      { roles: ['sre'], aud: 'https://api.example' },
      { roles: ['sre'], aud: 'console' },
      { roles: ['sre'], iss: 'https://elsewhere.example' },
      { roles: ['sre'], exp: now() - 100 },
      { roles: ['sre'], cnf: { jkt: 'x'.repeat(43) } },
    ])
      assert.equal((await ask(claims)).status, 401, JSON.stringify(claims))
    assert.equal((await ask({ roles: ['sre'], nonce: 'n', at_hash: 'x' }, 'JWT')).status, 401, 'an ID token')
    const token = await sign({ aud: audience, roles: ['soc'] }, 'at+jwt')
    const browser = await signInAdmin(url, { kind: 'token', token })
    assert.equal((await browser.get('/api/v1/session')).json<SessionReply>().role, 'operator')
  })

  test('sign-in on its page: code, PKCE, nonce, audience, signature', async () => {
    const headers = { origin: url }
    const begin = async () => {
      const reply = await askAdmin(url, '/api/v1/session', {
        method: 'POST',
        body: { kind: 'start' },
        headers,
      })
      const at = new URL(reply.json<StartReply>().authorize)
      return { at, cookie: String(reply.headers['set-cookie']?.[0]).split(';')[0] ?? '' }
    }
    const end = async (cookie: string, state: string) =>
      askAdmin(url, '/api/v1/session', {
        method: 'POST',
        body: { kind: 'code', code: 'the code', state },
        headers: { ...headers, cookie },
      })
    const good = await begin()
    const param = (name: string) => good.at.searchParams.get(name) ?? ''
    assert.equal(good.at.origin + good.at.pathname, `${issuer}/authorize`)
    assert.deepEqual(
      ['client_id', 'response_type', 'scope', 'code_challenge_method', 'redirect_uri'].map(param),
      ['console', 'code', 'openid', 'S256', `${url}/`],
    )
    idToken = () =>
      sign({ aud: 'console', nonce: param('nonce'), roles: 'soc other', email: 'ann@corp.example' })
    const ended = await end(good.cookie, param('state'))
    const session = ended.json<SessionReply>()
    assert.deepEqual([session.role, session.via, session.name], ['operator', 'issuer', 'ann@corp.example'])
    assert.equal(asked.get('code'), 'the code')
    assert.equal(asked.get('redirect_uri'), `${url}/`)
    assert.equal(authorization, `Basic ${btoa('console:a+secret+of+the+console')}`)
    const other = await generateKeyPair('ES256')
    const wrongs: ((nonce: string) => Promise<string>)[] = [
      async (nonce) => sign({ aud: 'another', nonce, roles: ['sre'] }),
      async () => sign({ aud: 'console', nonce: 'of another', roles: ['sre'] }),
      async (nonce) => sign({ aud: 'console', nonce, roles: ['admin'] }),
      async (nonce) => sign({ aud: 'console', nonce, roles: ['sre'], exp: now() - 100 }),
      async (nonce) => sign({ aud: 'console', nonce, roles: ['sre'], iss: 'https://elsewhere.example' }),
      async (nonce) =>
        new SignJWT({ iss: issuer, sub: 'ann', aud: 'console', nonce, roles: ['sre'], exp: now() + 60 })
          .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
          .sign(other.privateKey),
      async (nonce) =>
        `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ iss: issuer, sub: 'ann', aud: 'console', nonce }))}.`,
      async () => 'no token',
    ]
    for (const [index, wrong] of wrongs.entries()) {
      const { at, cookie } = await begin()
      idToken = () => wrong(at.searchParams.get('nonce') ?? '')
      const refused = await end(cookie, at.searchParams.get('state') ?? '')
      assert.equal(refused.status, 401, `wrong ${index}`)
    }
  })
})

test('what cannot work is refused at start', () => {
  for (const [admin, rule] of [
    [{ issuer: 'nobody' }, 'config.admin-issuer'],
    [{ issuer: undefined }, 'config.admin-issuer'],
    [
      { address: '0.0.0.0:0', issuer: undefined, audience: undefined, client: undefined },
      'config.admin-address',
    ],
    [{ address: '0.0.0.0:0', loopback: 'viewer' }, 'config.admin-loopback'],
  ] as const)
    assert.throws(
      () => configOf(admin),
      (error) => error instanceof Unusable && error.findings.some((finding) => finding.rule === rule),
      rule,
    )
})
