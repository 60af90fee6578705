import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type AttackReply, bearer } from '../../examples/travel/attack.ts'
import { sendAttack } from '../../examples/travel/run-attack.ts'
import { startTravelGate, type TravelGate } from '../support/travel-gate.ts'

// OWASP API Security Top 10 2023: API1, API3, API5, API6. Every attack is made on the weak travel API itself, where it
// succeeds, and through the gate, where it is refused; beside it stands what an honest caller does, which passes.

let gate: TravelGate
let alice = ''
let bob = ''
let admin = ''
before(async () => {
  gate = await startTravelGate((travel) => {
    // The price of a seat is looked up before one is held, and not a hundred times a second.
    travel.flows = { booking: { steps: ['search', 'createBooking'], pace: '150ms', within: '1min' } }
    travel.objects.booking.hidden = 404
    // The limits have suites of their own.
    travel.limits = []
  })
  alice = gate.tokens.alice
  bob = gate.tokens.bob
  admin = await gate.token('1', ['admin:users'], ['admin'])
})
after(() => gate.close())

const send = (
  base: string,
  token: string,
  method: string,
  path: string,
  body?: object,
): Promise<AttackReply> =>
  sendAttack(base, { method, path, headers: bearer(token), ...(body !== undefined && { body }) })
const direct = (token: string, method: string, path: string, body?: object): Promise<AttackReply> =>
  send(gate.upstream.url, token, method, path, body)
const gated = (token: string, method: string, path: string, body?: object): Promise<AttackReply> =>
  send(gate.url, token, method, path, body)
const codeOf = ({ status, text }: AttackReply): string =>
  `${status} ${status < 400 ? '' : (JSON.parse(text) as { code: string }).code}`.trim()

const profile = '/api/v1/users/456/profile'
const foreign = '/bookings/bk_b2d4f6h8j0l2'

describe('API1 broken object level authorization', () => {
  it('a foreign profile, calendar and booking', async () => {
    for (const [path, evidence, refusal] of [
      [profile, 'bob@travel.example', '403 AUTHORIZE_OBJECT'],
      ['/api/v1/users/456/calendar', 'do not tell anyone', '403 AUTHORIZE_OBJECT'],
      [foreign, 'Job interview', '404 AUTHORIZE_NOT_FOUND'],
    ] as const) {
      const attack = await direct(alice, 'GET', path)
      assert.ok(attack.status === 200 && attack.text.includes(evidence), `the upstream is weak: ${path}`)
      const refused = await gated(alice, 'GET', path)
      assert.equal(codeOf(refused), refusal)
      assert.ok(!refused.text.includes(evidence))
      const twin = await gated(bob, 'GET', path)
      assert.ok(twin.status === 200 && twin.text.includes(evidence), `${path}: ${twin.text}`)
    }
  })

  it('Z02: look-alikes that the upstream reads as another’s id', async () => {
    const lookalikes = ['0456', '456.0', '+456', '%20456', '456%20', '4.56e2', '%09456', '00456.00']
    let succeeded = 0
    for (const id of lookalikes) {
      const path = `/api/v1/users/${id}/profile`
      if ((await direct(alice, 'GET', path)).text.includes('bob@travel.example')) succeeded++
      for (const token of [alice, bob]) {
        const refused = await gated(token, 'GET', path)
        assert.ok(refused.status >= 400 && refused.status < 500, `${id}: ${refused.status}`)
        assert.ok(!refused.text.includes('bob@travel.example'), id)
      }
    }
    assert.ok(succeeded >= 5, `${succeeded} of ${lookalikes.length} succeed upstream`)
    // Others, of one's own id: the gate and the upstream would have to agree on what they mean.
    for (const id of [
      '0123',
      '123.0',
      '%22123%22',
      '123%20',
      '%5B123%5D',
      '%7B%22%24ne%22%3Anull%7D',
      '123,456',
      '１２３'.split('').map(encodeURIComponent).join(''),
    ]) {
      const refused = await gated(alice, 'GET', `/api/v1/users/${id}/profile`)
      assert.ok([400, 403].includes(refused.status), `${id}: ${refused.status}`)
    }
  })

  it('Z02: a second id beside the first: repeated, in the query, in a header, by another method', async () => {
    const own = '/api/v1/users/123/profile'
    assert.equal((await gated(alice, 'GET', own)).status, 200)
    for (const query of ['userId=456', 'userId=123&userId=456', 'user_id=456', 'userId[]=456', 'id=456'])
      assert.equal(codeOf(await gated(alice, 'GET', `${own}?${query}`)), '400 INSPECT_SCHEMA', query)
    const twice = await gated(admin, 'DELETE', '/admin/users?account=999&account=456')
    assert.equal(codeOf(twice), '400 INSPECT_SCHEMA')
    assert.equal(
      codeOf(await gated(alice, 'HEAD', foreign).then((one) => ({ ...one, text: '{"code":"-"}' }))),
      '404 -',
    )
    for (const method of ['OPTIONS', 'PUT', 'POST', 'TRACE', 'PROPFIND'])
      assert.ok((await gated(alice, method, foreign)).status >= 400, method)
    const override = await sendAttack(gate.url, {
      method: 'POST',
      path: '/bookings',
      headers: {
        ...bearer(alice),
        'x-http-method-override': 'DELETE',
        'x-original-url': foreign,
        'x-rewrite-url': foreign,
      },
    })
    assert.ok(override.status >= 400)
    assert.equal((await direct(bob, 'GET', foreign)).status, 200, 'it is still there')
  })

  it('a foreign booking is neither changed nor cancelled', async () => {
    const note = { note: 'changed by alice' }
    assert.equal(codeOf(await gated(alice, 'PATCH', foreign, note)), '404 AUTHORIZE_NOT_FOUND')
    assert.equal(codeOf(await gated(alice, 'DELETE', foreign)), '404 AUTHORIZE_NOT_FOUND')
    assert.ok((await direct(bob, 'GET', foreign)).text.includes('Job interview'))
    assert.equal((await direct(alice, 'PATCH', foreign, note)).status, 200, 'the upstream is weak')
    const twin = await gated(bob, 'PATCH', foreign, { note: 'Job interview' })
    assert.ok(twin.status === 200 && twin.text.includes('Job interview'), twin.text)
  })

  it('404 by choice: foreign and missing are alike, in shape and in time', async () => {
    const shape = ({ status, headers, text }: AttackReply): unknown => {
      const { 'x-request-id': _id, date: _date, ...rest } = headers
      return [status, rest, text.replace(/"instance":"[^"]*"/, '')]
    }
    const change = { note: 'mine now' }
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const body = method === 'PATCH' ? change : undefined
      const times: Record<'there' | 'gone', number[]> = { there: [], gone: [] }
      const tries = [
        ['there', foreign],
        ['gone', '/bookings/bk_zzzzzzzzzzzz'],
      ] as const
      const shapes = new Map<string, unknown>()
      for (let round = 0; round < 40; round++)
        for (const [name, path] of round % 2 === 0 ? tries : tries.toReversed()) {
          const start = performance.now()
          const reply = await gated(alice, method, path, body)
          times[name].push(performance.now() - start)
          shapes.set(name, shape(reply))
        }
      assert.deepEqual(shapes.get('there'), shapes.get('gone'), method)
      const median = (list: number[]): number =>
        list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
      const ratio = median(times.there) / median(times.gone)
      // An upstream call more or less would double it.
      assert.ok(ratio > 0.5 && ratio < 2, `${method}: ${ratio.toFixed(2)}`)
    }
  })
})

describe('API3 broken object property level authorization', () => {
  const own = '/api/v1/users/123/profile'

  it('Z04: a property that nobody may read', async () => {
    assert.ok((await direct(alice, 'GET', own)).text.includes('passwordHash'), 'the upstream is weak')
    const reply = await gated(alice, 'GET', own)
    assert.ok(reply.status === 200 && !reply.text.includes('passwordHash'))
    assert.ok(reply.text.includes('alice@travel.example'), 'one’s own address is one’s own')
    const listed = await gated(admin, 'GET', '/admin/users')
    assert.ok(listed.status === 200 && !listed.text.includes('passwordHash'), 'in lists neither')
  })

  it('Z05: mass assignment', async () => {
    for (const body of [
      { role: 'admin' },
      { bio: 'x', role: 'admin' },
      { passwordHash: 'x' },
      { userId: 456 },
      { constructor: { prototype: {} } },
    ]) {
      const refused = await gated(alice, 'PATCH', own, body)
      assert.ok([400, 403].includes(refused.status), JSON.stringify(body))
    }
    const polluted = await sendAttack(gate.url, {
      method: 'PATCH',
      path: own,
      headers: bearer(alice),
      body: '{"bio":"x","__proto__":{"role":"admin"}}',
    })
    assert.equal(polluted.status, 400)
    assert.ok(!(await direct(alice, 'GET', own)).text.includes('"role":"admin"'))
    const twin = await gated(alice, 'PATCH', own, { bio: 'Slow trains, long lunches.' })
    assert.ok(twin.status === 200 && twin.text.includes('long lunches.'), twin.text)
    const attack = await direct(alice, 'PATCH', own, { role: 'admin' })
    assert.ok(attack.text.includes('"role":"admin"'), 'the upstream is weak')
    await direct(alice, 'PATCH', own, { role: 'traveller' })
  })

  it('Z05: another owner and another price of what is made', async () => {
    const trip = {
      from: 'LIS',
      to: 'OSL',
      date: '2026-12-24',
      travellers: [{ name: 'Alice Archer', birthDate: '1990-02-11' }],
    }
    const attack = await direct(alice, 'POST', '/bookings', { ...trip, userId: '456', amount: 1 })
    assert.match(attack.text, /"userId":"456".*"amount":1\b/, 'the upstream is weak')
    for (const more of [{ userId: '456' }, { amount: 1 }, { price: { amount: 1, currency: 'EUR' } }]) {
      await gated(alice, 'GET', '/search?from=Lisbon')
      await pause(200)
      assert.equal(
        codeOf(await gated(alice, 'POST', '/bookings', { ...trip, ...more })),
        '400 INSPECT_SCHEMA',
      )
    }
  })
})

describe('API5 broken function level authorization', () => {
  it('Z03: who only knows the path of an administrator', async () => {
    const attack = await direct(alice, 'GET', '/admin/users')
    assert.ok(attack.text.includes('admin@travel.example'), 'the upstream is weak')
    assert.equal(codeOf(await gated(alice, 'GET', '/admin/users')), '403 AUTHORIZE_SCOPE')
    assert.equal(codeOf(await gated(gate.tokens.overscoped, 'GET', '/admin/users')), '403 AUTHORIZE_FUNCTION')
    const twin = await gated(admin, 'GET', '/admin/users')
    assert.ok(twin.status === 200 && twin.text.includes('admin@travel.example'), twin.text)
  })

  it('Z03: a verb, an old version, another spelling inherit nothing', async () => {
    const remove = '/admin/users?account=456'
    assert.equal(codeOf(await gated(alice, 'DELETE', remove)), '403 AUTHORIZE_SCOPE')
    assert.equal(codeOf(await gated(gate.tokens.overscoped, 'DELETE', remove)), '403 AUTHORIZE_FUNCTION')
    assert.equal((await gated(bob, 'GET', profile)).status, 200, 'nobody was deleted')
    assert.ok((await direct(alice, 'GET', '/api/v0/users/456')).text.includes('bob@'), 'the upstream is weak')
    for (const path of [
      '/api/v0/users/456',
      '/debug',
      '/Admin/users',
      '/admin/users/',
      '/admin//users',
      '/admin/./users',
      '/admin;x/users',
      '/%61dmin/users',
    ])
      assert.ok((await gated(alice, 'GET', path)).status >= 400, path)
    for (const method of ['POST', 'PUT', 'PATCH'])
      assert.equal(codeOf(await gated(admin, method, '/admin/users')), '405 MATCH_METHOD', method)
    assert.equal(
      (await direct(alice, 'DELETE', '/admin/users?account=1')).status,
      204,
      'the upstream is weak',
    )
  })
})

describe('API6 unrestricted access to sensitive business flows', () => {
  const trip = {
    from: 'LIS',
    to: 'OSL',
    date: '2026-12-25',
    travellers: [{ name: 'Alice Archer', birthDate: '1990-02-11' }],
  }

  it('Z09: a bot holds seats without a search, at once and twice', async () => {
    const held = await Promise.all(Array.from({ length: 5 }, () => direct(alice, 'POST', '/bookings', trip)))
    assert.ok(
      held.every(({ status }) => status === 201),
      'the upstream is weak',
    )
    const bot = await gate.token('456')
    assert.equal(codeOf(await gated(bot, 'POST', '/bookings', trip)), '409 AUTHORIZE_FLOW')
    assert.equal((await gated(bot, 'GET', '/search?from=Lisbon')).status, 200)
    const early = await gated(bot, 'POST', '/bookings', trip)
    if (early.status !== 409) assert.equal(codeOf(early), '429 LIMIT_PACE')
    await pause(250)
    const many = await Promise.all(Array.from({ length: 5 }, () => gated(bot, 'POST', '/bookings', trip)))
    assert.deepEqual(many.map(({ status }) => status).sort(), [201, 409, 409, 409, 409])
  })

  it('who searches, reads and books is not held up', async () => {
    const human = await gate.token('123')
    assert.equal((await gated(human, 'GET', '/search?from=Lisbon')).status, 200)
    await pause(250)
    const booked = await gated(human, 'POST', '/bookings', trip)
    assert.equal(booked.status, 201, booked.text)
    const { bookingId } = JSON.parse(booked.text) as { bookingId: string }
    assert.equal((await gated(human, 'GET', `/bookings/${bookingId}`)).status, 200)
    assert.equal((await gated(human, 'DELETE', `/bookings/${bookingId}`)).status, 204)
  })
})
