import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import Type from 'typebox'
import { type Admin, type AdminOptions, createAdmin } from '../../src/admin/admin.ts'
import type { AdminChange } from '../../src/admin/change.ts'
import type { AdminRole, ProblemReply, SessionReply } from '../../src/admin/contract.ts'
import { methodOf, type Route, roleNeeded } from '../../src/admin/route.ts'
import { createSetupLink } from '../../src/admin/setup-link.ts'
import { inventoryOf } from '../../src/app/admin/inventory-view.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { createMetrics } from '../../src/stages/record/metrics/metrics.ts'
import { createMemoryEventStore } from '../../src/stores/memory/event-store.ts'
import { askAdmin, signInAdmin } from '../support/admin-client.ts'
import { createSteeredClock } from '../support/steered-clock.ts'

const token = 'correct-horse-battery-staple-0123456789'
const changes: AdminChange[] = []

/** A change for operators, one for administrators: stands for what others build. */
const done = { type: 'object' }
const routes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/things/{id}/close',
    operationId: 'closeThing',
    summary: 'closes',
    role: 'operator',
    body: Type.Object({ reason: Type.String({ maxLength: 20 }) }, { additionalProperties: false }),
    reply: done,
    answer: ({ id }) => ({ status: 200, json: { id } }),
  },
  {
    method: 'DELETE',
    path: '/api/v1/things/{id}',
    operationId: 'removeThing',
    summary: 'removes',
    reply: done,
    answer: ({ id }) => (id === 'none' ? undefined : { status: 200, json: { id } }),
  },
]

const usual: AdminOptions = {
  metrics: createMetrics({ runtime: false }),
  events: createMemoryEventStore(),
  readiness: () => ({ ready: true, reasons: [] }),
  coverage: () => ({}),
  findings: () => [],
  blocks: () => [],
  inventory: () => inventoryOf([], [], 0),
  jwks: () => ({ keys: [] }),
  modules: [{ routes }],
  onChange: (change) => changes.push(change),
}

const servers: Server[] = []
async function serve(admin: Admin): Promise<string> {
  const server = createServer(admin.handle)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
after(() => {
  for (const server of servers) {
    server.close()
    server.closeAllConnections()
  }
})

/** An admin API where each role has a token. */
function withRoles(): Admin {
  return createAdmin({
    ...usual,
    loopback: 'none',
    access: {
      bearer: async (presented) => {
        const role = (['viewer', 'operator', 'administrator'] as const).find((one) => one === presented)
        return presented === 'nobody' || role !== undefined
          ? { name: presented, issuer: 'corp', sub: presented, role, via: 'issuer' }
          : undefined
      },
    },
  })
}

describe('who may do what', () => {
  const admin = withRoles()
  let url: string
  before(async () => {
    url = await serve(admin)
  })

  test('the whole table without credentials: 401 and 403 alone, whatever the method', async (t) => {
    let walked = 0
    for (const route of admin.routes) {
      const path = route.path.replace(/\{\w+\}/, 'x')
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        const { status } = await askAdmin(url, path, { method, body: method === 'POST' ? {} : undefined })
        const isHealth = route.open === true && (method === 'GET' || method === 'HEAD')
        const isDoor = path === '/api/v1/session' && method === 'POST'
        if (isHealth) assert.equal(status, 200)
        // The door takes only what its description says.
        else if (isDoor) assert.equal(status, 400)
        else assert.ok(status === 401 || status === 403, `${method} ${path}: ${status}`)
        walked++
      }
    }
    t.diagnostic(`${walked} requests`)
    assert.equal((await askAdmin(url, '/api/v1/nothing')).status, 401)
    for (const body of [
      { kind: 'setup', token: 'x' },
      { kind: 'token', token: 'x' },
      { kind: 'token', token: 'nobody' },
      { kind: 'start' },
      { kind: 'code', code: 'x', state: 'y' },
    ])
      assert.equal((await askAdmin(url, '/api/v1/session', { method: 'POST', body })).status, 401)
  })

  test('a refusal says how to sign in', async () => {
    const problem = (await askAdmin(url, '/api/v1/events')).json<ProblemReply>()
    assert.deepEqual(problem.signIn, { account: false, token: true, setup: false })
  })

  for (const role of ['viewer', 'operator', 'administrator'] as const)
    test(`${role}: every change by its role, and never without X-CSRF`, async () => {
      const browser = await signInAdmin(url, { kind: 'token', token: role })
      const ranks: Record<AdminRole, number> = { viewer: 1, operator: 2, administrator: 3 }
      for (const route of admin.routes) {
        if (methodOf(route) === 'GET' || route.path === '/api/v1/session') continue
        const path = route.path.replace(/\{\w+\}/, 'x')
        const may = ranks[role] >= ranks[roleNeeded(route)]
        const got = await browser.send(methodOf(route), path, route.body && { reason: 'a test' })
        assert.equal(got.status, may ? 200 : 403, `${role} ${route.path}`)
        if (!may) assert.equal(got.json<ProblemReply>().code, 'ADMIN_ROLE')
        for (const shown of [undefined, '', 'x', browser.csrf.slice(1), `${browser.csrf}x`]) {
          const forged = await askAdmin(url, path, {
            method: methodOf(route),
            body: route.body && { reason: 'a test' },
            headers: { cookie: browser.cookie, ...(shown !== undefined && { 'x-csrf': shown }) },
          })
          assert.equal(forged.status, 403)
        }
      }
      assert.equal((await browser.get('/api/v1/events')).status, 200)
    })

  test('a cookie is HttpOnly, SameSite=Strict, for the whole host, and ends with sign-out', async () => {
    const reply = await askAdmin(url, '/api/v1/session', {
      method: 'POST',
      body: { kind: 'token', token: 'viewer' },
    })
    const written = String(reply.headers['set-cookie'])
    assert.match(written, /^sallyport-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/)
    const cookie = written.split(';')[0] ?? ''
    const { csrf, role, via, name } = reply.json<SessionReply>()
    assert.deepEqual([role, via, name], ['viewer', 'issuer', 'viewer'])
    const headers = { cookie, 'x-csrf': csrf }
    assert.equal(
      (await askAdmin(url, '/api/v1/session', { method: 'DELETE', headers: { cookie } })).status,
      403,
    )
    const out = await askAdmin(url, '/api/v1/session', { method: 'DELETE', headers })
    assert.equal(out.status, 200)
    assert.match(String(out.headers['set-cookie']), /Max-Age=0/)
    assert.equal((await askAdmin(url, '/api/v1/session', { headers })).status, 401)
  })

  test('two cookies of one name, a wrong bearer token beside a good cookie: nobody', async () => {
    const { cookie } = await signInAdmin(url, { kind: 'token', token: 'viewer' })
    for (const headers of [
      { cookie: `${cookie}; ${cookie}x` },
      { cookie: `${cookie}x` },
      { cookie, authorization: 'Bearer wrong' },
    ])
      assert.equal((await askAdmin(url, '/api/v1/session', { headers })).status, 401)
  })

  test('other origins and rebound names change and read nothing, with a cookie too', async () => {
    const browser = await signInAdmin(url, { kind: 'token', token: 'administrator' })
    const path = '/api/v1/things/1'
    const good = { cookie: browser.cookie, 'x-csrf': browser.csrf }
    for (const [headers, status] of [
      [{ origin: 'https://evil.example' }, 403],
      [{ origin: 'null' }, 403],
      [{ origin: url.replace(/\d+$/, '1') }, 403],
      [{ 'sec-fetch-site': 'cross-site' }, 403],
      [{ 'sec-fetch-site': 'same-site' }, 403],
      [{ host: 'evil.example' }, 421],
      [{ host: `rebound.example:${new URL(url).port}`, origin: `http://rebound.example` }, 421],
      [{ origin: url }, 200],
    ] as const) {
      const sent = { method: 'DELETE', headers: { ...good, ...headers } }
      assert.equal((await askAdmin(url, path, sent)).status, status, JSON.stringify(headers))
    }
    for (const site of ['cross-site', 'same-site'])
      assert.equal(
        (await askAdmin(url, '/api/v1/events', { headers: { ...good, 'sec-fetch-site': site } })).status,
        403,
      )
  })

  test('a body is JSON of the declared shape and size, and nothing else', async () => {
    const browser = await signInAdmin(url, { kind: 'token', token: 'operator' })
    const path = '/api/v1/things/1/close'
    const send = (body: unknown) => browser.send('POST', path, body)
    assert.equal((await send({ reason: 'done' })).status, 200)
    for (const [body, pointer, code] of [
      [{}, '', 'required'],
      [{ reason: 1 }, '/reason', 'type'],
      [{ reason: 'x'.repeat(21) }, '/reason', 'maxLength'],
      [{ reason: 'x', __proto__x: 1 }, '', 'additionalProperties'],
      [[], '', 'type'],
      [null, '', 'type'],
    ] as const) {
      const refused = await send(body)
      assert.equal(refused.status, 400)
      assert.deepEqual(refused.json<ProblemReply>().members, [{ pointer, code }])
    }
    assert.equal((await send({ reason: 'x'.repeat(70_000) })).status, 413)
    assert.equal((await send(undefined)).status, 415)
    const headers = { cookie: browser.cookie, 'x-csrf': browser.csrf, 'content-type': 'text/plain' }
    assert.equal((await askAdmin(url, path, { method: 'POST', body: { reason: 'x' }, headers })).status, 415)
    const wrong = await browser.send('PUT', path, { reason: 'x' })
    assert.equal(wrong.status, 405)
    assert.equal(wrong.headers['allow'], 'POST')
  })

  test('what was done and what was tried is told, with who and why', async () => {
    changes.length = 0
    const operator = await signInAdmin(url, { kind: 'token', token: 'operator' })
    await operator.send('POST', '/api/v1/things/a%2Fb/close', { reason: 'too old' })
    await operator.send('DELETE', '/api/v1/things/7')
    assert.deepEqual(
      changes.map(({ operationId, visitor, status, code, target, reason }) => [
        operationId,
        visitor?.name,
        status,
        code,
        target,
        reason,
      ]),
      [
        ['signIn', undefined, 200, undefined, undefined, undefined],
        ['closeThing', 'operator', 200, undefined, { type: 'things', id: 'a/b' }, 'too old'],
        ['removeThing', 'operator', 403, 'ADMIN_ROLE', { type: 'things', id: '7' }, undefined],
      ],
    )
  })
})

describe('ways in', () => {
  test('loopback alone is a viewer, unless a token is set; a proxy on this machine is nobody', async () => {
    const url = await serve(createAdmin(usual))
    const session = (await askAdmin(url, '/api/v1/session')).json<SessionReply>()
    assert.deepEqual([session.role, session.via], ['viewer', 'loopback'])
    const headers = { 'x-csrf': session.csrf }
    const tried = await askAdmin(url, '/api/v1/things/1', { method: 'DELETE', headers })
    assert.equal(tried.json<ProblemReply>().code, 'ADMIN_ROLE')
    for (const name of ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'])
      assert.equal((await askAdmin(url, '/api/v1/session', { headers: { [name]: '127.0.0.1' } })).status, 401)
    const open = await serve(createAdmin({ ...usual, loopback: 'administrator' }))
    const { csrf } = (await askAdmin(open, '/api/v1/session')).json<SessionReply>()
    const path = '/api/v1/things/1'
    assert.equal((await askAdmin(open, path, { method: 'DELETE' })).status, 403)
    assert.equal((await askAdmin(open, path, { method: 'DELETE', headers: { 'x-csrf': csrf } })).status, 200)
    const closed = await serve(createAdmin({ ...usual, token }))
    assert.equal((await askAdmin(closed, '/api/v1/session')).status, 401)
  })

  test('the configured token: an administrator, as bearer without X-CSRF, or for a cookie', async () => {
    const url = await serve(createAdmin({ ...usual, token }))
    const bearer = { authorization: `Bearer ${token}` }
    assert.equal((await askAdmin(url, '/api/v1/things/1', { method: 'DELETE', headers: bearer })).status, 200)
    const browser = await signInAdmin(url, { kind: 'token', token })
    assert.equal((await browser.send('DELETE', '/api/v1/things/none')).status, 404)
  })

  test('the set-up link: good once, for an hour, for an administrator', async () => {
    const clock = createSteeredClock()
    const setup = createSetupLink(clock)
    const url = await serve(createAdmin({ ...usual, loopback: 'none', access: { setup }, clock }))
    const wrong = { kind: 'setup', token: setup.token.slice(1) }
    assert.equal((await askAdmin(url, '/api/v1/session', { method: 'POST', body: wrong })).status, 401)
    const browser = await signInAdmin(url, { kind: 'setup', token: setup.token })
    const session = (await browser.get('/api/v1/session')).json<SessionReply>()
    assert.deepEqual([session.role, session.via, session.signIn.setup], ['administrator', 'setup', false])
    await assert.rejects(signInAdmin(url, { kind: 'setup', token: setup.token }), /401/)
    clock.pass(29 * 60_000)
    assert.equal((await browser.get('/api/v1/session')).status, 200)
    clock.pass(29 * 60_000)
    assert.equal((await browser.get('/api/v1/session')).status, 200)
    clock.pass(3 * 60_000)
    assert.equal((await browser.get('/api/v1/session')).status, 401)
    const late = createSetupLink(clock)
    clock.pass(61 * 60_000)
    assert.equal(late.redeem(late.token), false)
  })

  test('a session that is quiet for half an hour ends; a role that was taken away counts at once', async () => {
    const clock = createSteeredClock()
    let role: AdminRole | undefined = 'administrator'
    const url = await serve(
      createAdmin({
        ...usual,
        loopback: 'none',
        clock,
        access: {
          bearer: async () => ({
            name: 'ann@example.com',
            issuer: 'authority',
            sub: '1',
            role,
            via: 'account',
            renew: async () => role,
          }),
        },
      }),
    )
    const browser = await signInAdmin(url, { kind: 'token', token: 'x' })
    assert.equal((await browser.send('DELETE', '/api/v1/things/1')).status, 200)
    role = 'viewer'
    clock.pass(3_000)
    assert.equal((await browser.send('DELETE', '/api/v1/things/1')).status, 403)
    role = undefined
    clock.pass(3_000)
    assert.equal((await browser.get('/api/v1/session')).status, 401)
    role = 'viewer'
    const quiet = await signInAdmin(url, { kind: 'token', token: 'x' })
    clock.pass(31 * 60_000)
    assert.equal((await quiet.get('/api/v1/session')).status, 401)
  })

  test('the page of a server: only the browser that began may end, once, with the right state', async () => {
    let begun = 0
    const url = await serve(
      createAdmin({
        ...usual,
        loopback: 'none',
        access: {
          page: {
            start: async (redirectUri) => ({
              authorize: `https://id.example/authorize?back=${encodeURIComponent(redirectUri)}`,
              state: `state-${++begun}`,
              nonce: '',
              verifier: '',
              redirectUri,
            }),
            finish: async (_started, code) =>
              code === 'good'
                ? { name: 'ann', issuer: 'authority', sub: '1', role: 'operator', via: 'account' }
                : undefined,
          },
        },
      }),
    )
    const post = (body: object, cookie = '') =>
      askAdmin(url, '/api/v1/session', { method: 'POST', body, headers: { cookie, origin: url } })
    const begin = async (): Promise<string> => {
      const reply = await post({ kind: 'start' })
      assert.equal(
        reply.json<{ authorize: string }>().authorize,
        `https://id.example/authorize?back=${encodeURIComponent(`${url}/`)}`,
      )
      return String(reply.headers['set-cookie']).split(';')[0] ?? ''
    }
    const first = await begin()
    assert.equal((await post({ kind: 'code', code: 'good', state: 'state-1' })).status, 401)
    assert.equal((await post({ kind: 'code', code: 'good', state: 'state-1' }, first)).status, 200)
    assert.equal((await post({ kind: 'code', code: 'good', state: 'state-1' }, first)).status, 401)
    const second = await begin()
    assert.equal((await post({ kind: 'code', code: 'good', state: 'state-1' }, second)).status, 401)
    const third = await begin()
    assert.equal((await post({ kind: 'code', code: 'bad', state: 'state-3' }, third)).status, 401)
  })

  test('sessions are bounded', async () => {
    const admin = createAdmin({ ...usual, clock: systemClock })
    for (let n = 0; n < 600; n++)
      admin.sessions.open({ name: 'a', issuer: '', sub: 'a', role: 'viewer', via: 'token' }, '')
    assert.equal(admin.sessions.size, 500)
  })
})
