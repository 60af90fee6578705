import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type AttackReply, bearer } from '../../examples/travel/attack.ts'
import { sendAttack } from '../../examples/travel/run-attack.ts'
import { type RunningGateway, startGateway } from '../flow/running-gateway.ts'
import { shopContract } from '../support/shop-contract.ts'
import { startTravelGate, type TravelGate } from '../support/travel-gate.ts'

// OWASP API1:2023, the form in which only a reply knows whose the object is.

const mine = '/bookings/bk_a1c3e5g7i9k1'
const foreign = '/bookings/bk_b2d4f6h8j0l2'
const missing = '/bookings/bk_zzzzzzzzzzzz'

/** Status and problem without what differs between any two calls. */
function shapeOf({ status, headers, text }: AttackReply): unknown {
  const { 'x-request-id': _id, date: _date, ratelimit: _rate, ...rest } = headers
  return [status, rest, text.replace(/"instance":"[^"]*"/, '')]
}

describe('API1: the travel example over sockets', () => {
  let gate: TravelGate
  before(async () => {
    gate = await startTravelGate()
  })
  after(() => gate.close())
  const call = (base: string, method: string, path: string, body?: object, fields = {}) =>
    sendAttack(base, {
      method,
      path,
      headers: { ...bearer(gate.tokens.alice), ...fields },
      ...(body !== undefined && { body }),
    })

  it('a foreign booking is read at the upstream, and not through the gate', async () => {
    assert.equal((await call(gate.upstream.url, 'GET', foreign)).status, 200)
    const refused = await call(gate.url, 'GET', foreign)
    assert.equal(refused.status, 403)
    assert.ok(refused.text.includes('AUTHORIZE_OBJECT'))
    assert.ok(!refused.text.includes('Job interview'))
    assert.equal((await call(gate.url, 'GET', mine)).status, 200)
  })

  it('what is missing is refused as what is foreign', async () => {
    for (const method of ['GET', 'DELETE']) {
      const other = await call(gate.url, method, foreign)
      assert.deepEqual(shapeOf(await call(gate.url, method, missing)), shapeOf(other), method)
    }
    const change = { note: 'mine now' }
    assert.deepEqual(
      shapeOf(await call(gate.url, 'PATCH', missing, change)),
      shapeOf(await call(gate.url, 'PATCH', foreign, change)),
    )
  })

  it('a condition or a range does not tell that a foreign booking is there', async () => {
    for (const fields of [
      { 'if-none-match': '*' },
      { 'if-modified-since': 'Tue, 24 Nov 2037 00:00:00 GMT' },
      { range: 'bytes=0-0' },
    ])
      assert.equal((await call(gate.url, 'GET', foreign, undefined, fields)).status, 403)
    assert.equal((await call(gate.url, 'HEAD', foreign)).status, 403)
    assert.equal((await call(gate.url, 'HEAD', missing)).status, 403)
  })

  it('a foreign booking is neither changed nor cancelled; one’s own is', async () => {
    assert.equal((await call(gate.url, 'PATCH', foreign, { note: 'changed by alice' })).status, 403)
    assert.equal((await call(gate.url, 'DELETE', foreign)).status, 403)
    const untouched = await call(gate.upstream.url, 'GET', foreign)
    assert.ok(untouched.text.includes('Job interview'))

    const changed = await call(gate.url, 'PATCH', mine, { note: 'Window seat' })
    assert.equal(changed.status, 200)
    assert.ok(changed.text.includes('Window seat'))
    assert.equal((await call(gate.url, 'DELETE', mine)).status, 204)
    assert.equal((await call(gate.url, 'DELETE', mine)).status, 403, 'gone, as if it had been foreign')

    // The attack on the upstream itself succeeds.
    const attacked = await call(gate.upstream.url, 'PATCH', foreign, { note: 'changed by alice' })
    assert.equal(attacked.status, 200)
  })

  it('creations and lists go on', async () => {
    const trip = {
      from: 'LIS',
      to: 'OSL',
      date: '2026-12-24',
      travellers: [{ name: 'Alice Archer', birthDate: '1990-02-11' }],
    }
    const made = await call(gate.url, 'POST', '/bookings', trip)
    assert.equal(made.status, 201, made.text)
    const listed = await call(gate.url, 'GET', '/bookings')
    assert.equal(listed.status, 200)
    assert.ok((JSON.parse(listed.text) as unknown[]).length > 0)
  })
})

describe('API1: owners at any depth, failures and modes', () => {
  let gate: RunningGateway
  let me = ''
  let support = ''
  const order = (id: string, owner: unknown = '123', more = {}) => ({ id, owner: { id: owner }, ...more })
  const rule = (more = ''): string =>
    `    objects: { order: { id: path.orderId, owner: response.owner.id, read: "GET /orders/{orderId}", allow: "'support' in caller.roles"${more} } }`

  const serve = async (lines: string, upstream = (url: string): string => url): Promise<void> => {
    const file = join(gate.folder, 'sallyport.yaml')
    const head = readFileSync(file, 'utf8').replace(/ {4}upstream:[\s\S]*$/, '')
    writeFileSync(file, `${head}    upstream: ${upstream(gate.upstream.url)}\n${lines}\n`)
    await gate.reload()
  }
  const answers = (body: unknown, status = 200, type = 'application/json'): void => {
    gate.upstream.answer = (_request, response: ServerResponse) => {
      response.writeHead(status, { 'content-type': type })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    }
  }
  const send = async (method: string, path: string, token = me, body?: object) => {
    gate.upstream.seen.length = 0
    const reply = await sendAttack(gate.url, {
      method,
      path,
      headers: bearer(token),
      ...(body !== undefined && { body }),
    })
    return { ...reply, seen: gate.upstream.seen.map((one) => `${one.method} ${one.url}`) }
  }
  const json = ({ text }: { text: string }): unknown => JSON.parse(text)

  before(async () => {
    gate = await startGateway({ contract: shopContract, api: rule() })
    me = await gate.token()
    support = await gate.token({ sub: '9', roles: ['support'] })
  })
  after(() => gate.close())

  it('one object, with an exception by role', async () => {
    answers(order('1', '456'))
    assert.equal((await send('GET', '/orders/1')).status, 403)
    assert.equal((await send('GET', '/orders/1', support)).status, 200)
    answers(order('1', 123))
    assert.equal((await send('GET', '/orders/1')).status, 200, 'a number is its text')
    for (const owner of ['0123', '123 ', 123.5, null, ['123'], { $ne: null }, true, '']) {
      answers(order('1', owner))
      assert.equal((await send('GET', '/orders/1')).status, 403, JSON.stringify(owner))
    }
  })

  it('ids beyond 2^53 are told apart', async () => {
    const snowflake = await gate.token({ sub: '1152921504606846976' })
    answers('{"id":"1","owner":{"id":1152921504606846976},"big":0.10000000000000000555}')
    const own = await send('GET', '/orders/1', snowflake)
    assert.equal(own.status, 200)
    assert.ok(own.text.includes('0.10000000000000000555'))
    answers('{"id":"1","owner":{"id":1152921504606846977}}')
    assert.equal((await send('GET', '/orders/1', snowflake)).status, 403)
    answers('[{"id":"1","owner":{"id":1152921504606846977}},{"id":"2","owner":{"id":1152921504606846976}}]')
    const listed = await send('GET', '/orders', snowflake)
    assert.equal(listed.text, '[{"id":"2","owner":{"id":1152921504606846976}}]')
  })

  it('a list is filtered element by element', async () => {
    answers([order('1'), order('2', '456'), order('3'), { id: '4' }, order('5', null)])
    const listed = await send('GET', '/orders')
    assert.deepEqual(json(listed), [order('1'), order('3')])
    assert.equal((json(await send('GET', '/orders', support)) as unknown[]).length, 5)
    answers([])
    assert.deepEqual(json(await send('GET', '/orders')), [])
  })

  it('lists inside: pages, groups, mixed feeds; totals stay', async () => {
    answers({
      total: 4,
      items: [order('1'), order('2', '456')],
      groups: [[order('3', '456')], [order('4'), order('5', '456')]],
      best: null,
      feed: [order('6', '456'), { advert: 'Shoes' }, order('7')],
    })
    assert.deepEqual(json(await send('GET', '/search')), {
      total: 4,
      items: [order('1')],
      groups: [[], [order('4')]],
      best: null,
      feed: [{ advert: 'Shoes' }, order('7')],
    })
    answers({ items: [], best: order('1', '456') })
    assert.equal((await send('GET', '/search')).status, 403, 'an object outside a list refuses the reply')
  })

  it('a reply that is not built as the contract says leaves in no part', async () => {
    for (const body of [{ 0: order('1', '456') }, order('1', '456'), '"order"', 7]) {
      answers(body)
      const reply = await send('GET', '/orders')
      assert.ok(reply.status >= 400 || !reply.text.includes('456'), `${JSON.stringify(body)}: ${reply.text}`)
    }
    for (const body of [[order('1', '456')], { data: order('1', '123') }, null, 'null', '7']) {
      answers(body)
      const reply = await send('GET', '/orders/1')
      assert.ok(reply.status === 403 || reply.text === '[]', `${JSON.stringify(body)}: ${reply.text}`)
    }
  })

  it('a reply that is not JSON is refused: 502', async () => {
    answers('<order/>', 200, 'application/xml')
    const xml = await send('GET', '/orders/1')
    assert.equal(xml.status, 502)
    assert.ok(xml.text.includes('SCREEN_SCHEMA'))
    answers('{"id":"1","owner":{"id":"123"},"owner":{"id":"456"}}')
    assert.equal(
      (await send('GET', '/orders/1')).status,
      502,
      'nor is JSON that two parsers read differently',
    )
    answers('')
    assert.equal((await send('GET', '/orders/1')).status, 403, 'an empty reply proves nothing')
  })

  it('replies without an object: redirects, not modified, gone, forbidden', async () => {
    for (const status of [204, 301, 304, 403, 404, 410]) {
      answers('', status)
      const reply = await send('GET', '/orders/1')
      assert.equal(reply.status, 403, String(status))
      assert.ok(reply.text.includes('AUTHORIZE_OBJECT'))
    }
    answers('{}', 429)
    assert.equal((await send('GET', '/orders/1')).status, 429)
  })

  it('before a write the object is read with the caller’s own identity, once', async () => {
    answers(order('1'))
    const written = await send('PUT', '/orders/1', me, { text: 'a' })
    assert.equal(written.status, 200)
    assert.deepEqual(written.seen, ['GET /orders/1', 'PUT /orders/1'])
    const [read, write] = gate.upstream.seen
    assert.equal(read?.headers['sallyport-identity'], write?.headers['sallyport-identity'])
    assert.equal(read?.headers['content-type'], undefined)
    const cancelled = await send('POST', '/orders/1/cancel')
    assert.deepEqual(
      cancelled.seen,
      ['GET /orders/1', 'POST /orders/1/cancel'],
      'the write has made it forget',
    )
  })

  it('a foreign or missing object is not written; a second attempt reads nothing', async () => {
    answers(order('7', '456'))
    const first = await send('DELETE', '/orders/7')
    const second = await send('DELETE', '/orders/7')
    assert.deepEqual([first.status, first.seen], [403, ['GET /orders/7']])
    assert.deepEqual([second.status, second.seen], [403, []], 'the owner is remembered for a moment')
    answers('{"title":"none"}', 404)
    const gone = await send('DELETE', '/orders/8')
    assert.deepEqual([gone.status, gone.seen], [403, ['GET /orders/8']])
    assert.deepEqual(shapeOf(gone), shapeOf(first))
    const free = await send('DELETE', '/orders/7', support)
    assert.deepEqual(free.seen, ['DELETE /orders/7'], 'who is let in anyway costs no read')
  })

  it('a reply that does not tell the owner is fetched only once the object is proven', async () => {
    gate.upstream.answer = (request, response) => {
      response.setHeader('content-type', 'application/json')
      const owner = request.url.startsWith('/orders/1') ? '123' : '456'
      const notes = [{ text: 'note', author: '456' }]
      response.end(JSON.stringify(request.url.endsWith('/notes') ? notes : order('x', owner)))
    }
    const own = await send('GET', '/orders/1/notes')
    assert.deepEqual(own.seen, ['GET /orders/1', 'GET /orders/1/notes'])
    assert.deepEqual(json(own), [{ text: 'note', author: '456' }])
    assert.deepEqual((await send('GET', '/orders/2/notes')).seen, ['GET /orders/2'])
  })

  it('a read that fails refuses the write with 502 or 504, and nothing is written', async () => {
    answers('{}', 500)
    const broken = await send('DELETE', '/orders/11')
    assert.deepEqual([broken.status, broken.seen], [502, ['GET /orders/11']])
    answers('<order/>', 200, 'text/html')
    const odd = await send('DELETE', '/orders/12')
    assert.deepEqual([odd.status, odd.seen], [403, ['GET /orders/12']])
    assert.ok(odd.text.includes('AUTHORIZE_OBJECT'))
    answers({ id: '13' })
    assert.equal((await send('DELETE', '/orders/13')).status, 403)
    gate.upstream.answer = (_request, response) => response.socket?.destroy()
    assert.equal((await send('DELETE', '/orders/14')).status, 502)
    await serve(rule(), (url) => `{ url: "${url}", timeout: 200ms }`)
    gate.upstream.answer = () => undefined
    const slow = await send('DELETE', '/orders/15')
    assert.deepEqual([slow.status, slow.seen], [504, ['GET /orders/15']])
    await serve(rule())
  })

  it('ids in a body: all are read, one foreign id refuses all, none of them leaves its path', async () => {
    await serve(
      '    objects: { order: { for: batch, id: "body.orders[*]", owner: response.owner.id, read: "GET /orders/{orderId}" } }\n    functions: [{ for: "*", allow: "true" }]',
    )
    gate.upstream.answer = (request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(order('x', request.url.includes('foreign') ? '456' : '123')))
    }
    const all = await send('POST', '/batch', me, { orders: ['1', '2', '1'] })
    assert.deepEqual(all.seen, ['GET /orders/1', 'GET /orders/2', 'POST /batch'])
    const one = await send('POST', '/batch', me, { orders: ['3', 'foreign', '4'] })
    assert.equal(one.status, 403)
    assert.ok(!one.seen.includes('POST /batch'))
    for (const id of ['../admin', 'a/b', '..', '.', '', 'a%2fb', 'a?b', 'a\\b', 'a#b', 'a\nb']) {
      const refused = await send('POST', '/batch', me, { orders: [id] })
      assert.deepEqual([refused.status, refused.seen], [403, []], JSON.stringify(id))
    }
    await serve(rule())
  })

  it('hidden: 404 gives 404 for both; list: refuse refuses', async () => {
    await serve(rule(', hidden: 404, list: refuse'))
    answers(order('1', '456'))
    const other = await send('GET', '/orders/1')
    answers('', 404)
    assert.deepEqual(shapeOf(await send('GET', '/orders/1')), shapeOf(other))
    assert.equal(other.status, 404)
    assert.ok(other.text.includes('AUTHORIZE_NOT_FOUND'))
    assert.equal((await send('DELETE', '/orders/9')).status, 404)
    answers([order('1'), order('2', '456')])
    assert.equal((await send('GET', '/orders')).status, 404)
    answers([order('1')])
    assert.equal((await send('GET', '/orders')).status, 200)
    await serve(rule())
  })

  it('observe lets all pass as it came and writes it down', async () => {
    await serve(rule(', mode: observe'))
    answers([order('1'), order('2', '456')])
    assert.equal((json(await send('GET', '/orders')) as unknown[]).length, 2)
    answers(order('1', '456'))
    assert.equal((await send('GET', '/orders/1')).status, 200)
    const written = await send('DELETE', '/orders/1')
    assert.deepEqual(written.seen, ['GET /orders/1', 'DELETE /orders/1'])
    await serve(rule())
  })

  it('members of a list in the object, and delegation, by expression', async () => {
    await serve(
      '    objects: { order: { id: path.orderId, owner: response.owner.id, allow: "response.text == caller.claims.team || caller.claims.act.sub == \'agent\'" } }',
    )
    answers(order('1', '456', { text: 'red' }))
    const red = await gate.token({ sub: '5', team: 'red' })
    const agent = await gate.token({ sub: '6', act: { sub: 'agent' } })
    assert.equal((await send('GET', '/orders/1', red)).status, 200)
    assert.equal((await send('GET', '/orders/1', agent)).status, 200)
    assert.equal((await send('GET', '/orders/1')).status, 403)
    assert.deepEqual((await send('DELETE', '/orders/1', red)).seen, ['GET /orders/1', 'DELETE /orders/1'])
    await serve(rule())
  })

  it('without a way to read before a write the start stops with the line to add', async () => {
    const noRead = `    objects: { order: { for: cancelOrder, id: path.orderId, owner: response.owner.id } }`
    await assert.rejects(serve(noRead), /needs "read"/)
    const twice = `    objects: { order: { id: path.orderId, owner: response.owner.id, read: "/orders/{orderId}" } }`
    await assert.rejects(serve(twice), /exactly one GET/)
    await serve(rule())
  })
})
