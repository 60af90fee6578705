import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { command, commandJson } from './sallyport.ts'

// Every kind of limit over real sockets, as callers see it: rows Q01 to Q05 of the requirements.

const contract = `openapi: 3.1.0
info: { title: Limited, version: '1' }
security: [{ bearer: [] }]
paths:
  /rate: { get: { operationId: rate, security: [], responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /window: { get: { operationId: window, security: [], responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /day: { get: { operationId: day, security: [], responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /slow: { get: { operationId: slow, security: [], responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /paced: { get: { operationId: paced, security: [], responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /big: { get: { operationId: big, security: [], responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /tiered: { get: { operationId: tiered, responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /watched: { get: { operationId: watched, security: [], responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /mixed:
    get: { operationId: readMixed, security: [], responses: { '200': { $ref: '#/components/responses/Any' } } }
    delete: { operationId: removeMixed, security: [], responses: { '200': { $ref: '#/components/responses/Any' } } }
  /guarded: { get: { operationId: guarded, responses: { '200': { $ref: '#/components/responses/Any' } } } }
  /login:
    post:
      operationId: login
      security: []
      requestBody:
        required: true
        content: { application/json: { schema: { type: object, required: [username], properties: { username: { type: string }, password: { type: string } } } } }
      responses: { '200': { $ref: '#/components/responses/Any' }, '401': { description: wrong } }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
  responses: { Any: { description: ok, content: { application/json: { schema: {} } } } }
`

const api = `    limits:
      - { for: rate, name: burst, per: ip, rate: 2/min }
      - { for: window, per: ip, window: 2/min }
      - { for: day, per: ip, quota: 300/day }
      - { for: slow, per: ip, concurrent: 2 }
      - { for: paced, per: ip, throttle: 20/s, queue: 2 }
      - { for: big, per: ip, rate: 10/min, cost: { reply: 1KiB } }
      - for: tiered
        per: caller
        rate: 1/min
        tiers: [{ when: "caller.claims.plan == 'gold'", rate: 3/min }]
      - { for: watched, per: ip, rate: 1/min, mode: observe }
      - { for: "/mixed", per: ip, methods: safe, rate: 3/min }
      - { for: "/mixed", per: ip, methods: unsafe, rate: 1/min }
      - { for: guarded, name: guesses, per: ip, rate: 3/min, failures: true, lock: 10min }
      - { for: login, name: sign-in, per: [ip, body.username], rate: 3/min, failures: true, lock: 15min }
`

let gateway: RunningGateway
let url: string

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${url}${path}`, { headers })
const login = (username: string, password: string) =>
  fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  })
const codeOf = async (response: Response) => ((await response.json()) as { code?: string }).code

async function statuses(calls: number, send: () => Promise<Response>): Promise<number[]> {
  const all: number[] = []
  for (let i = 0; i < calls; i++) all.push((await send()).status)
  return all
}

before(async () => {
  gateway = await startGateway({ contract, api, durable: 'sqlite:state.db' })
  url = gateway.url
  gateway.upstream.answer = (seen, response) => {
    response.setHeader('content-type', 'application/json')
    if (seen.url === '/login') {
      response.statusCode = seen.body.includes('"right"') ? 200 : 401
      response.end('{}')
    } else if (seen.url === '/slow') setTimeout(() => response.end('{}'), 300)
    else if (seen.url === '/big') response.end(JSON.stringify('x'.repeat(5000)))
    else response.end('{}')
  }
})
after(() => gateway.close())

/** RFC 9651 lists of strings with parameters, as these fields use them. */
function parseItems(text: string): { name: string; parameters: Record<string, string> }[] {
  return text.split(', ').map((item) => {
    const match = /^"([^"\\]*)"((?:;[a-z*][a-z0-9_.*-]*=(?:\d{1,15}|"[^"\\]*"|:[A-Za-z0-9+/=]*:))*)$/.exec(
      item,
    )
    assert.ok(match !== null, item)
    const parameters = (match[2] ?? '').split(';').slice(1)
    return {
      name: match[1] ?? '',
      parameters: Object.fromEntries(parameters.map((one) => one.split('=') as [string, string])),
    }
  })
}

describe('limits over real sockets', () => {
  it('Q01: call N+1 is 429 with Retry-After and the registered problem type, and is not cached', async () => {
    assert.deepEqual(await statuses(2, () => get('/rate')), [200, 200])
    const over = await get('/rate')
    assert.equal(over.status, 429)
    assert.equal(over.headers.get('cache-control'), 'no-store')
    assert.equal(over.headers.get('content-type'), 'application/problem+json')
    assert.ok(Number(over.headers.get('retry-after')) >= 1)
    const problem = (await over.json()) as Record<string, unknown>
    assert.equal(problem['type'], 'https://iana.org/assignments/http-problem-types#quota-exceeded')
    assert.deepEqual(problem['violated-policies'], ['burst'])
  })

  it('Q02: the fields of every policy parse, names match, and Retry-After is not before t', async () => {
    const token = await gateway.token({ sub: 'fields' })
    const paths = ['/rate', '/window', '/day', '/slow', '/paced', '/big', '/tiered', '/mixed']
    for (const path of paths) {
      const response = await get(path, path === '/tiered' ? { authorization: `Bearer ${token}` } : {})
      const policies = parseItems(response.headers.get('ratelimit-policy') ?? '')
      const limits = parseItems(response.headers.get('ratelimit') ?? '')
      assert.deepEqual(
        policies.map((one) => one.name),
        limits.map((one) => one.name),
        path,
      )
      for (const { parameters } of policies) {
        assert.ok(Number(parameters['q']) >= 1, path)
        if (parameters['qu'] === undefined) assert.ok(Number(parameters['w']) >= 1, path)
        else assert.equal(parameters['qu'], '"concurrent-requests"')
      }
      const retry = response.headers.get('retry-after')
      for (const { parameters } of limits) {
        assert.ok(Number(parameters['r']) >= 0, path)
        if (retry !== null) assert.ok(Number(retry) >= Number(parameters['t'] ?? 0), path)
      }
    }
  })

  it('a sliding window, a quota of a day, and what a reply weighs', async () => {
    // One is taken by the row above.
    assert.deepEqual(await statuses(2, () => get('/window')), [200, 429])
    const day = await get('/day')
    assert.match(day.headers.get('ratelimit-policy') ?? '', /;q=300;w=86400$/)
    assert.match(day.headers.get('ratelimit') ?? '', /;r=\d+;t=\d+$/)
    // 10 a minute, five for each reply: the third finds the budget spent.
    assert.deepEqual(await statuses(2, () => get('/big')), [200, 429])
  })

  it('Q07: calls at once: 503 with Retry-After and the registered problem type, at once', async () => {
    const running = [get('/slow'), get('/slow')]
    await new Promise((resolve) => setTimeout(resolve, 100))
    const over = await get('/slow')
    assert.equal(over.status, 503)
    assert.equal(over.headers.get('retry-after'), '1')
    const problem = (await over.json()) as Record<string, unknown>
    assert.equal(problem['code'], 'LIMIT_OVERLOAD')
    assert.equal(
      problem['type'],
      'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
    )
    assert.deepEqual(
      (await Promise.all(running)).map((one) => one.status),
      [200, 200],
    )
    assert.deepEqual(await statuses(2, () => get('/slow')), [200, 200])
  })

  it('a throttle makes wait, and refuses what finds no place', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => get('/paced')))
    const passed = all.filter((one) => one.status === 200).length
    assert.ok(passed >= 2 && passed < 8, String(passed))
    for (const one of all.filter((each) => each.status !== 200)) {
      assert.equal(one.status, 429)
      assert.equal(await codeOf(one), 'LIMIT_QUEUE')
    }
  })

  it('tiers by claim; budgets of their own for safe and unsafe methods; a limit that only watches', async () => {
    const [free, gold] = await Promise.all([
      gateway.token({ sub: 'free' }),
      gateway.token({ sub: 'gold', plan: 'gold' }),
    ])
    assert.deepEqual(await statuses(2, () => get('/tiered', { authorization: `Bearer ${free}` })), [200, 429])
    assert.deepEqual(
      await statuses(4, () => get('/tiered', { authorization: `Bearer ${gold}` })),
      [200, 200, 200, 429],
    )
    const remove = () => fetch(`${url}/mixed`, { method: 'DELETE' })
    assert.deepEqual(await statuses(2, remove), [200, 429])
    assert.deepEqual(await statuses(1, () => get('/mixed')), [200])
    assert.deepEqual(await statuses(3, () => get('/watched')), [200, 200, 200])
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    assert.match(
      metrics,
      /sallyport_limit_decisions_total\{api="things",limit="watched",outcome="observed"\} 2/,
    )
    assert.match(
      metrics,
      /sallyport_limit_decisions_total\{api="things",limit="burst",outcome="refused"\} \d/,
    )
    assert.match(metrics, /sallyport_upstream_limit\{api="things"\} \d/)
    assert.match(metrics, /sallyport_overload_shed_ratio 0/)
  })

  it('Q03: headers, queries and connections gain no budget', async () => {
    const tricks: Record<string, string>[] = [
      { 'x-forwarded-for': '203.0.113.9' },
      { forwarded: 'for=203.0.113.9' },
      { 'x-real-ip': '203.0.113.9' },
      { 'true-client-ip': '203.0.113.9' },
      { connection: 'close' },
      { 'x-request-id': crypto.randomUUID() },
      { 'user-agent': 'other' },
    ]
    for (const headers of tricks)
      assert.equal((await get('/rate', headers)).status, 429, JSON.stringify(headers))
  })
})

describe('locks after failed authentications', () => {
  const locks = () => commandJson<{ id: string; limit: string }[]>(gateway.folder, 'locks', 'list')
  const until = async (done: () => Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 10_000
    while (!(await done())) {
      assert.ok(Date.now() < deadline, 'not in time')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  it('guesses at an account lock it for this address, whatever the password, and nobody else', async () => {
    for (let i = 0; i < 20; i++) assert.equal((await login('eve', 'right')).status, 200)
    for (let i = 0; i < 3; i++) assert.equal((await login('ada', `guess ${i}`)).status, 401)
    const locked = await login('ada', 'right')
    assert.equal(locked.status, 429)
    assert.equal(locked.headers.get('retry-after'), '900')
    const problem = (await locked.json()) as Record<string, unknown>
    assert.equal(problem['code'], 'LIMIT_LOCKED')
    assert.equal(problem['type'], 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected')
    assert.equal((await login('ADA ', 'right')).status, 429)
    assert.equal((await login('eve', 'right')).status, 200)
  })

  it('Q04: twenty guesses at once are no more than three', async () => {
    const before = gateway.upstream.seen.length
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => login('bob', `guess ${i}`)))
    assert.equal(all.filter((one) => one.status === 401).length, 3)
    assert.equal(gateway.upstream.seen.length - before, 3)
  })

  it('tokens that do not verify lock the address before the next one is looked at', async () => {
    const bad = () => get('/guarded', { authorization: 'Bearer not.a.token' })
    assert.deepEqual(await statuses(5, bad), [401, 401, 401, 429, 429])
    assert.equal((await get('/guarded', { authorization: `Bearer ${await gateway.token()}` })).status, 429)
  })

  it('a lock outlives a restart, and the command opens it while the gateway runs', async () => {
    await until(async () => (await locks()).length >= 3)
    const other = await gateway.another()
    const there = (username: string) =>
      fetch(`${other.url}/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username, password: 'right' }),
      })
    try {
      assert.equal((await there('ada')).status, 429)
      assert.equal((await there('eve')).status, 200)
      const opened = await command(gateway.folder, 'locks', 'clear', '--limit', 'sign-in', '127.0.0.1', 'Ada')
      assert.deepEqual([opened.code, opened.out], [0, 'opened one lock\n'])
      await until(async () => (await login('ada', 'right')).status === 200)
      await until(async () => (await there('ada')).status === 200)
      assert.equal((await login('bob', 'right')).status, 429)
      // The budget is whole again: two more guesses do not lock it.
      assert.deepEqual(await statuses(2, () => login('ada', 'guess')), [401, 401])
      assert.equal((await login('ada', 'right')).status, 200)
    } finally {
      await other.app.close(0)
    }
    const all = await commandJson<{ cleared: number }>(gateway.folder, 'locks', 'clear', '--all')
    assert.equal(all.cleared, 2)
    assert.deepEqual(await locks(), [])
    await until(async () => (await login('bob', 'right')).status === 200)
  })

  it('the command says what is wrong', async () => {
    for (const [args, says] of [
      [['open'], 'list, clear'],
      [['clear'], '--limit NAME'],
      [['clear', '--all', '--id', 'x'], '--limit NAME'],
      [['clear', '--limit', 'sign-up', 'x'], 'there are guesses, sign-in'],
      [['clear', '--limit', 'sign-in', '127.0.0.1'], 'a value for each of ip, body.username'],
    ] as const) {
      const { code, err } = await command(gateway.folder, 'locks', ...args)
      assert.equal(code, 2)
      assert.ok(err.includes(says), err)
    }
  })
})

describe('quotas outlive a restart', () => {
  it('what was spent is spent in the next process, of a leased quota too', async () => {
    const running = await startGateway({
      contract,
      api: '    limits: [{ for: day, per: ip, quota: 3000/day }, { for: rate, per: ip, quota: 5/month }]',
      durable: 'sqlite:state.db',
    })
    try {
      const left = async (base: string, path: string): Promise<number> =>
        Number(/;r=(\d+)/.exec((await fetch(`${base}${path}`)).headers.get('ratelimit') ?? '')?.[1])
      for (let i = 0; i < 40; i++) await left(running.url, '/day')
      assert.equal(await left(running.url, '/rate'), 4)
      await running.app.close(0)
      const other = await running.another()
      try {
        assert.equal(await left(other.url, '/day'), 3000 - 41)
        assert.equal(await left(other.url, '/rate'), 3)
      } finally {
        await other.app.close(0)
      }
    } finally {
      await running.close()
    }
  })
})
