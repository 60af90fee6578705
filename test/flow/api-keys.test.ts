import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { apiKeyPattern, createApiKeyText } from '../../src/crypto/api-key-text.ts'
import { keysContract } from './keys-contract.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { command, commandJson, sallyport } from './sallyport.ts'

/** R15 over real sockets: keys made by the real command, on the database that the gateway runs on. */

let gateway: RunningGateway
let id = ''
let key = ''

before(async () => {
  gateway = await startGateway({
    contract: keysContract,
    durable: 'sqlite:state.db',
    events: 'events.log',
    top: 'keys: { header: X-API-Key }',
    api: `    objects: { user: { id: path.userId, owner: path.userId } }
    security: { bearer: main, key: keys, otherHeader: keys, inQuery: keys, inCookie: keys }`,
  })
  const { out, err } = await sallyport(
    gateway.folder,
    ...['keys', 'create', '--name', 'nightly import', '--owner', 'team-a', '--scope', 'things:read x'],
    ...['--role', 'robot', '--json'],
  )
  assert.equal(err, '')
  const made = JSON.parse(out) as Record<string, unknown>
  id = String(made['id'])
  key = String(made['key'])
})
after(() => gateway.close())
beforeEach(() => {
  gateway.upstream.seen.length = 0
})

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly challenge: string | null
}

async function call(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(gateway.url + path, { headers })
  const body = (await response.json()) as { code?: string }
  return { status: response.status, code: body.code, challenge: response.headers.get('www-authenticate') }
}

const withKey = (path: string, text = key): Promise<Answer> => call(path, { 'x-api-key': text })

/** Waits for what a second may bring; fails after it. */
async function withinASecond(holds: () => Promise<boolean>): Promise<number> {
  const began = performance.now()
  while (!(await holds())) {
    if (performance.now() - began > 1000) assert.fail('a second is over')
    await sleep(10)
  }
  return performance.now() - began
}

describe('R15: API keys', () => {
  it('are of the form that scanners look for, of at least 128 bits', () => {
    assert.match(key, apiKeyPattern)
    assert.ok(27 * Math.log2(62) >= 128)
  })

  it('pass, are stripped, and are a client, not a user', async () => {
    assert.equal((await withKey('/keyed')).status, 200)
    const [seen] = gateway.upstream.seen
    assert.equal(seen?.headers['x-api-key'], undefined)
    assert.equal(JSON.stringify(seen).includes(key), false)
    const [, payload = ''] = String(seen?.headers['sallyport-identity']).split('.')
    const identity = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>
    assert.equal(identity['sub'], `key:${id}`)
    assert.equal(identity['client_id'], 'team-a')
    assert.deepEqual(identity['roles'], ['robot'])
  })

  it('never own a user’s objects', async () => {
    assert.equal((await withKey('/users/team-a')).code, 'AUTHORIZE_OBJECT')
    assert.equal((await withKey(`/users/${id}`)).code, 'AUTHORIZE_OBJECT')
    assert.equal(gateway.upstream.seen.length, 0)
  })

  it('no token may name the subject of a key', async () => {
    const token = await gateway.token({ sub: `key:${id}` })
    assert.equal((await call('/token', { authorization: `Bearer ${token}` })).code, 'IDENTIFY_TOKEN_INVALID')
  })

  it('without, with a bad, with two, in the wrong place: refused, and nothing is forwarded', async () => {
    const none = await call('/keyed')
    assert.deepEqual([none.status, none.code], [401, 'IDENTIFY_REQUIRED'])
    assert.ok(none.challenge !== null)
    for (const text of ['x', key.slice(0, -1), createApiKeyText().text, createApiKeyText(id).text]) {
      const bad = await withKey('/keyed', text)
      assert.deepEqual([bad.status, bad.code], [401, 'IDENTIFY_TOKEN_INVALID'])
    }
    assert.equal((await call('/keyed', { authorization: `Bearer ${key}` })).status, 401)
    assert.equal((await call('/keyed', { authorization: `ApiKey ${key}` })).status, 401)
    assert.equal((await call('/keyed', { cookie: `X-API-Key=${key}` })).status, 401)
    assert.equal((await call(`/keyed?api_key=${key}`)).status, 401)
    assert.equal((await call(`/keyed?X-API-Key=${key}`)).status, 401)
    assert.equal((await withKey('/token')).code, 'IDENTIFY_REQUIRED')
    assert.equal(gateway.upstream.seen.length, 0)
  })

  it('in query, cookie or another header they cannot be mapped: closed, and told at start', async () => {
    for (const [path, more] of [
      [`/in-query?api_key=${key}`, {}],
      ['/in-cookie', { cookie: `api_key=${key}` }],
      ['/other-header', { 'x-other': key }],
    ] as const)
      assert.equal((await call(path, { 'x-api-key': key, ...more })).status, 401, path)
    assert.equal(gateway.upstream.seen.length, 0)
    for (const name of ['inQuery', 'inCookie', 'otherHeader'])
      assert.ok(
        gateway.app.notes.some((note) => note.includes(`"${name}"`)),
        name,
      )
  })

  it('scopes of the contract are asked of keys', async () => {
    const made = await commandJson(gateway.folder, 'keys', 'create', '--name', 'n', '--owner', 'o')
    assert.equal((await withKey('/keyed', String(made['key']))).code, 'AUTHORIZE_SCOPE')
    assert.equal((await withKey('/either', String(made['key']))).code, 'AUTHORIZE_SCOPE')
  })

  it('either: token or key; both that were sent must be good', async () => {
    const authorization = `Bearer ${await gateway.token()}`
    assert.equal((await call('/either', { authorization })).status, 200)
    assert.equal((await withKey('/either')).status, 200)
    assert.equal((await call('/either', { authorization: 'Bearer x', 'x-api-key': key })).status, 401)
    assert.equal((await call('/either', { authorization, 'x-api-key': createApiKeyText().text })).status, 401)
  })

  it('both: a key alone or a token alone does not do; the user is the caller', async () => {
    const authorization = `Bearer ${await gateway.token()}`
    assert.equal((await call('/both', { authorization })).status, 401)
    assert.equal((await withKey('/both')).status, 401)
    assert.equal(gateway.upstream.seen.length, 0)
    assert.equal((await call('/both', { authorization, 'x-api-key': key })).status, 200)
    const [, payload = ''] = String(gateway.upstream.seen[0]?.headers['sallyport-identity']).split('.')
    assert.equal(
      (JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { sub: string }).sub,
      '123',
    )
  })

  it('a key made while the gateway runs works at once', async () => {
    const made = await commandJson(
      gateway.folder,
      ...['keys', 'create', '--name', 'n', '--owner', 'o', '--scope', 'things:read', '--expires', 'never'],
    )
    assert.equal(made['expires'], null)
    assert.equal((await withKey('/keyed', String(made['key']))).status, 200)
  })

  it('a key ends by itself', async () => {
    const made = await commandJson(
      gateway.folder,
      ...['keys', 'create', '--name', 'n', '--owner', 'o', '--scope', 'things:read', '--expires', '1500ms'],
    )
    const text = String(made['key'])
    await sleep(Math.max(0, Date.parse(String(made['expires'])) - Date.now()) + 10)
    const ended = await withKey('/keyed', text)
    assert.deepEqual([ended.status, ended.code], [401, 'IDENTIFY_TOKEN_EXPIRED'])
  })

  it('rotate: two secrets until the overlap is over', async () => {
    const make = await commandJson(
      gateway.folder,
      ...['keys', 'create', '--name', 'n', '--owner', 'o', '--scope', 'things:read'],
    )
    const [own, old] = [String(make['id']), String(make['key'])]
    assert.equal((await withKey('/keyed', old)).status, 200)
    const next = await commandJson(gateway.folder, 'keys', 'rotate', own, '--overlap', '1500ms')
    const fresh = String(next['key'])
    assert.notEqual(fresh, old)
    await withinASecond(async () => (await withKey('/keyed', fresh)).status === 200)
    assert.equal((await withKey('/keyed', old)).status, 200)
    await sleep(Math.max(0, Date.parse(String(next['overlapUntil'])) - Date.now()) + 10)
    assert.equal((await withKey('/keyed', old)).code, 'IDENTIFY_TOKEN_EXPIRED')
    assert.equal((await withKey('/keyed', fresh)).status, 200)
    const last = await commandJson(gateway.folder, 'keys', 'rotate', own, '--overlap', '0s')
    await withinASecond(async () => (await withKey('/keyed', fresh)).status === 401)
    assert.equal((await withKey('/keyed', String(last['key']))).status, 200)
  })

  it('R14: disable, enable and revoke count within a second, in every process', async (t) => {
    const other = await gateway.another()
    t.after(() => other.app.close(0))
    const make = await commandJson(
      gateway.folder,
      ...['keys', 'create', '--name', 'n', '--owner', 'o', '--scope', 'things:read'],
    )
    const [own, text] = [String(make['id']), String(make['key'])]
    const both = async (): Promise<number[]> =>
      Promise.all(
        [gateway.url, other.url].map(
          async (url) => (await fetch(`${url}/keyed`, { headers: { 'x-api-key': text } })).status,
        ),
      )
    assert.deepEqual(await both(), [200, 200])
    for (const [action, status] of [
      ['disable', 401],
      ['enable', 200],
      ['revoke', 401],
    ] as const) {
      assert.equal((await sallyport(gateway.folder, 'keys', action, own)).code, 0)
      const took = await withinASecond(async () => (await both()).every((one) => one === status))
      t.diagnostic(`${action}: ${Math.round(took)} ms after the command`)
    }
    assert.equal((await withKey('/keyed', text)).code, 'IDENTIFY_TOKEN_REVOKED')
    for (const action of ['enable', 'disable', 'rotate'])
      assert.equal((await command(gateway.folder, 'keys', action, own)).code, 2, 'revoked is for good')
  })

  it('a reload keeps keys', async () => {
    await gateway.reload()
    assert.equal((await withKey('/keyed')).status, 200)
  })

  it('the list shows what is needed, and last use, but no secret', async () => {
    const other = await gateway.another()
    assert.equal((await fetch(`${other.url}/keyed`, { headers: { 'x-api-key': key } })).status, 200)
    await other.app.close(0)
    const text = await command(gateway.folder, 'keys', 'list')
    assert.match(text.out, new RegExp(`${id} +nightly import +team-a +active +things:read x +robot`))
    const list = await commandJson<Record<string, unknown>[]>(gateway.folder, 'keys', 'list')
    const own = list.find((one) => one['id'] === id)
    assert.equal(own?.['status'], 'active')
    assert.ok(Date.now() - Date.parse(String(own?.['lastUsed'])) < 10_000, 'written when a gateway ends')
    assert.deepEqual(Object.keys(own ?? {}).sort(), [
      ...[
        'created',
        'expires',
        'id',
        'lastUsed',
        'name',
        'overlapUntil',
        'owner',
        'roles',
        'scopes',
        'status',
      ],
    ])
  })

  it('secrets are nowhere: database, log, events, metrics, replies', async () => {
    const secret = key.slice(22)
    await withKey('/keyed')
    await withKey('/keyed', `${key.slice(0, -1)}!`)
    await withKey(`/keyed?leak=1`, key)
    await sleep(300)
    for (const name of readdirSync(gateway.folder)) {
      const file = join(gateway.folder, name)
      if (statSync(file).isFile()) assert.equal(readFileSync(file).includes(secret), false, name)
    }
    assert.ok(readFileSync(join(gateway.folder, 'state.db')).length > 0)
    for (const path of ['/metrics', '/api/v1/events?limit=500', '/readyz']) {
      const text = await (await fetch(gateway.adminUrl + path)).text()
      assert.equal(text.includes(secret), false, path)
    }
    const events = (await (await fetch(`${gateway.adminUrl}/api/v1/events?limit=500`)).json()) as {
      events: { credentialKind: string; sub: string; issuer: string }[]
    }
    const own = events.events.find((event) => event.sub === `key:${id}`)
    assert.deepEqual([own?.credentialKind, own?.issuer], ['api-key', 'keys'])
  })
})

describe('sallyport keys', () => {
  it('shows a key alone on standard output', async () => {
    const { code, out } = await sallyport(gateway.folder, 'keys', 'create', '--name', 'n', '--owner', 'o')
    assert.equal(code, 0)
    assert.match(out.trimEnd(), apiKeyPattern)
  })

  it('says what is wrong, with exit code 2', async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /write one of create, list/],
      [['make'], /write one of create, list/],
      [['create'], /--name/],
      [['create', '--name', 'n'], /--owner/],
      [['create', '--name', 'a\u001b[31m', '--owner', 'o'], /printable/],
      [['create', '--name', 'n', '--owner', 'o', '--scope', 'a"b'], /scope/],
      [['create', '--name', 'n', '--owner', 'o', '--expires', 'soon'], /90d/],
      [['create', 'my-id', '--name', 'n', '--owner', 'o'], /made, not chosen/],
      [['revoke'], /ID/],
      [['revoke', 'nobody'], /no key of this ID/],
      [['rotate', id, '--overlap', 'x'], /24h/],
      [['revoke', id, id], /one ID/],
    ]
    const run = async ([args, says]: (typeof cases)[number]): Promise<void> => {
      const { code, err } = await command(gateway.folder, 'keys', ...args)
      assert.equal(code, 2, args.join(' '))
      assert.match(err, says)
    }
    await Promise.all(cases.map(run))
  })
})
