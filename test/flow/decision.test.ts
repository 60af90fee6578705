import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import {
  type DataPlane,
  needsDataPlane,
  type RunningDataPlane,
  startDataPlane,
} from '../support/data-plane.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

let gateway: RunningGateway
let authorization: string
const decisions = new Map<string, string>()

before(async () => {
  gateway = await startGateway({
    contract: thingsContract,
    listen:
      '[{ address: 127.0.0.1:0 }, { address: 127.0.0.1:0, decide: nginx }, { address: 127.0.0.1:0, decide: forward-auth }, { address: 127.0.0.1:0, decide: envoy }]',
    api: `    objects:
      profile: { id: path.userId, owner: path.userId }
      thing: { id: path.thingId, owner: response.ownerId, for: writeThing }
    limits: [{ for: readPublic, per: ip, rate: 3/min }]`,
  })
  authorization = `Bearer ${await gateway.token()}`
  const urls = gateway.app.addresses.filter(({ kind }) => kind === 'api').map(({ url }) => url)
  for (const [index, name] of ['', 'nginx', 'forward-auth', 'envoy'].entries())
    decisions.set(name, urls[index] ?? '')
})
after(() => gateway.close())
beforeEach(() => {
  gateway.upstream.seen.length = 0
})

const asked = (dialect: string, headers: Record<string, string>, path = '/'): Promise<Response> =>
  fetch(`${decisions.get(dialect)}${path}`, { headers })
const original = (method: string, uri: string): Record<string, string> => ({
  'x-original-method': method,
  'x-original-uri': uri,
})

describe('a decision listener', () => {
  test('says 200 with the identity, and nothing reaches the upstream', async () => {
    const reply = await asked('nginx', { authorization, ...original('GET', '/things/1?limit=5') })
    assert.equal(reply.status, 200)
    assert.equal(decodeJwt(reply.headers.get('sallyport-identity') ?? '').sub, '123')
    assert.match(reply.headers.get('x-request-id') ?? '', /^[\w-]{8,}$/)
    assert.equal(gateway.upstream.seen.length, 0)
  })

  test('refuses what the gateway refuses, with its status and code', async () => {
    const cases = [
      ['GET', '/things/1', {}, 401, 'IDENTIFY_REQUIRED'],
      ['GET', '/things/1', { authorization: 'Bearer x.y.z' }, 401, 'IDENTIFY_TOKEN_INVALID'],
      ['GET', '/users/124/profile', { authorization }, 403, 'AUTHORIZE_OBJECT'],
      ['GET', '/things/1?limit=1000', { authorization }, 400, 'INSPECT_SCHEMA'],
      ['GET', '/nowhere', { authorization }, 404, 'MATCH_NO_OPERATION'],
      ['PATCH', '/things/1', { authorization }, 405, 'MATCH_METHOD'],
      ['GET', '/things/%2e%2e/admin', { authorization }, 400, 'LISTEN_PATH_AMBIGUOUS'],
      ['GET', '/things//1', { authorization }, 400, 'LISTEN_PATH_AMBIGUOUS'],
      // The body is not there to be judged.
      ['POST', '/form', {}, 400, 'INSPECT_SCHEMA'],
    ] as const
    for (const [method, uri, headers, status, code] of cases) {
      const forward = await asked('forward-auth', {
        ...headers,
        'x-forwarded-method': method,
        'x-forwarded-uri': uri,
      })
      const problem = (await forward.json()) as { code: string }
      assert.deepEqual([forward.status, problem.code], [status, code], `${method} ${uri}`)
      const nginx = await asked('nginx', { ...headers, ...original(method, uri) })
      assert.equal(nginx.status, status === 401 ? 401 : 403)
      assert.equal(nginx.headers.get('x-sallyport-status'), status === 401 ? null : String(status))
      await nginx.arrayBuffer()
    }
  })

  test('a data plane that does not say method and target, or says them twice, gets a refusal', async () => {
    for (const headers of [{}, { 'x-original-method': 'GET' }, { 'x-original-uri': '/public' }] as Record<
      string,
      string
    >[])
      assert.equal((await asked('nginx', headers, '/public')).status, 403)
    const twice = await fetch(`${decisions.get('nginx')}/public`, {
      headers: [
        ['x-original-method', 'GET'],
        ['x-original-uri', '/public, /things/1'],
      ],
    })
    assert.equal(twice.status, 403)
  })

  test('what only the reply could prove is refused', async () => {
    const reply = await asked('envoy', { authorization }, '/things/1')
    assert.equal(reply.status, 200)
    const write = await fetch(`${decisions.get('envoy')}/things/1`, {
      method: 'PUT',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{"name":"x"}',
    })
    assert.equal(write.status, 403)
  })

  test('Envoy sends the body along, and it is judged', async () => {
    const send = (body: string, more: Record<string, string> = {}): Promise<Response> =>
      fetch(`${decisions.get('envoy')}/form`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...more },
        body,
      })
    assert.equal((await send('undeclared=1')).status, 400)
    assert.equal((await send('age=1')).status, 200)
    assert.equal((await send('age=1', { 'x-envoy-auth-partial-body': 'false' })).status, 200)
    assert.equal((await send('age=1', { 'x-envoy-auth-partial-body': 'true' })).status, 413)
  })

  test('limits count, and the documents of the gateway are not served', async () => {
    const status = async (): Promise<number> => {
      const reply = await asked('forward-auth', {
        'x-forwarded-method': 'GET',
        'x-forwarded-uri': '/public',
        'x-forwarded-for': '203.0.113.9',
      })
      await reply.arrayBuffer()
      return reply.status
    }
    assert.deepEqual([await status(), await status(), await status(), await status()], [200, 200, 200, 429])
    assert.equal((await asked('envoy', {}, '/.well-known/sallyport/jwks.json')).status, 404)
  })
})

for (const name of ['nginx', 'caddy'] as const satisfies readonly DataPlane[])
  describe(`${name} with the configuration of deploy/`, needsDataPlane(name), () => {
    let plane: RunningDataPlane
    before(async () => {
      plane = await startDataPlane(name, {
        decision: decisions.get(name === 'nginx' ? 'nginx' : 'forward-auth') ?? '',
        api: gateway.upstream.url,
      })
    })
    after(() => plane[Symbol.asyncDispose]())

    test('a good call reaches the API with an identity that the caller cannot forge', async () => {
      const reply = await fetch(`${plane.origin}/things/1?limit=5`, {
        headers: { authorization, 'sallyport-identity': 'forged' },
      })
      assert.equal(reply.status, 200)
      const [seen] = gateway.upstream.seen
      assert.equal(seen?.url, '/things/1?limit=5')
      assert.equal(decodeJwt(String(seen?.headers['sallyport-identity'])).sub, '123')
      await fetch(`${plane.origin}/public`, { headers: { 'sallyport-identity': 'forged' } })
      const open = gateway.upstream.seen.at(-1)
      if (open?.url === '/public') assert.equal(open.headers['sallyport-identity'] ?? '', '')
    })

    test('refused calls never reach the API', async () => {
      for (const [path, headers, status] of [
        ['/things/1', {}, 401],
        ['/users/124/profile', { authorization }, 403],
        ['/nowhere', { authorization }, name === 'nginx' ? 403 : 404],
        ['/things/1?limit=1000', { authorization }, name === 'nginx' ? 403 : 400],
      ] as const) {
        const reply = await fetch(plane.origin + path, { headers })
        await reply.arrayBuffer()
        assert.equal(reply.status, status, path)
      }
      assert.equal(gateway.upstream.seen.length, 0)
    })

    test('a caller cannot choose its address, method or target', async () => {
      for (const forged of [
        {
          'x-forwarded-for': '203.0.113.50',
          'x-forwarded-proto': 'https',
          'x-forwarded-host': 'evil.example',
        },
        { 'x-original-uri': '/public', 'x-original-method': 'GET' },
        { 'x-forwarded-uri': '/public', 'x-forwarded-method': 'GET' },
        { forwarded: 'for=203.0.113.51;host=evil.example' },
      ] as Record<string, string>[]) {
        const reply = await fetch(`${plane.origin}/users/124/profile`, {
          headers: { authorization, ...forged },
        })
        await reply.arrayBuffer()
        assert.equal(reply.status, 403, Object.keys(forged).join())
      }
      assert.equal(gateway.upstream.seen.length, 0)
    })

    test('without a decision point nothing passes', async () => {
      const alone = await startDataPlane(name, { decision: 'http://127.0.0.1:1', api: gateway.upstream.url })
      try {
        const reply = await fetch(`${alone.origin}/public`)
        await reply.arrayBuffer()
        assert.ok(reply.status >= 500, String(reply.status))
        assert.equal(gateway.upstream.seen.length, 0)
      } finally {
        await alone[Symbol.asyncDispose]()
      }
    })
  })
