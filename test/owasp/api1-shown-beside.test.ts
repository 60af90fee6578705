import assert from 'node:assert/strict'
import { after, before, describe, it, test } from 'node:test'
import { type RunningGateway, startGateway } from '../flow/running-gateway.ts'

// OWASP API1:2023: foreign objects that a reply shows where nobody asked for them (row Z01).

const one = "{ $ref: '#/components/schemas/Order' }"
const many = `{ type: array, items: ${one} }`
const reply = (status: number, schema: string): string =>
  `'${status}': { description: x, content: { application/json: { schema: ${schema} } } }`
const contract = `openapi: 3.1.0
info: { title: Orders, version: '1' }
security: [{ bearerAuth: [] }]
paths:
  /orders:
    get: { operationId: list, responses: { ${reply(200, many)} } }
    post:
      operationId: create
      requestBody: { content: { application/json: { schema: { type: object, properties: { text: { type: string } } } } } }
      responses: { ${reply(201, one)}, ${reply(409, one)} }
  /orders/search:
    post:
      operationId: search
      requestBody: { content: { application/json: { schema: { type: object, properties: { text: { type: string } } } } } }
      responses: { ${reply(200, `{ type: object, properties: { best: { oneOf: [${one}, { type: 'null' }] }, hits: ${many} } }`)} }
  /orders/{orderId}:
    parameters: [{ name: orderId, in: path, required: true, schema: { type: string } }]
    get: { operationId: read, responses: { ${reply(200, one)}, ${reply(423, `{ type: object, properties: { lockedBy: ${one} } }`)} } }
    put:
      operationId: write
      requestBody: { content: { application/json: { schema: { type: object, properties: { text: { type: string } } } } } }
      responses: { ${reply(200, `{ type: object, properties: { order: ${one}, swapped: ${many} } }`)} }
  /orders/{orderId}/related:
    parameters: [{ name: orderId, in: path, required: true, schema: { type: string } }]
    get: { operationId: related, responses: { ${reply(200, many)} } }
components:
  securitySchemes: { bearerAuth: { type: http, scheme: bearer } }
  schemas:
    Order:
      type: object
      properties: { id: { type: string }, ownerId: { type: string }, text: { type: string }, secret: { type: string } }
`
const mine = { id: '1', ownerId: '123', text: 'mine' }
const hers = { id: '2', ownerId: '456', text: 'hers' }

describe('what a reply shows beside what was asked for', () => {
  let gate: RunningGateway
  let token = ''
  before(async () => {
    gate = await startGateway({
      contract,
      api: `    objects: { order: { id: path.orderId, owner: response.ownerId, read: "GET /orders/{orderId}" } }
    functions: [{ for: "*", allow: "true" }]
    properties: { Order.secret: { read: never } }`,
    })
    token = await gate.token()
  })
  after(() => gate.close())

  const send = async (
    method: string,
    path: string,
    answer: (method: string, path: string) => readonly [number, unknown],
  ): Promise<{ status: number; text: string; seen: string[] }> => {
    gate.upstream.seen.length = 0
    gate.upstream.answer = (request, response) => {
      const [status, body] = answer(request.method, request.url)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const direct = await fetch(gate.upstream.url + path, { method })
    const leak = (await direct.text()).includes('hers')
    gate.upstream.seen.length = 0
    const body = method === 'GET' ? {} : { body: '{"text":"x"}' }
    const reply = await fetch(gate.url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(method !== 'GET' && { 'content-type': 'application/json' }),
      },
      ...body,
    })
    const text = await reply.text()
    if (leak) assert.ok(!text.includes('hers'), `${method} ${path}: ${text}`)
    return { status: reply.status, text, seen: gate.upstream.seen.map((one) => `${one.method} ${one.url}`) }
  }

  it('a search by POST is filtered like a list', async () => {
    const found = await send('POST', '/orders/search', () => [
      200,
      { best: null, hits: [mine, hers, { id: '3' }] },
    ])
    assert.deepEqual([found.status, JSON.parse(found.text)], [200, { best: null, hits: [mine] }])
    assert.equal((await send('POST', '/orders/search', () => [200, { best: hers, hits: [] }])).status, 403)
    assert.equal(
      (await send('POST', '/orders/search', () => [200, { best: { text: 'nobody’s' }, hits: [] }])).status,
      403,
    )
    assert.equal(
      (await send('POST', '/orders/search', () => [200, { best: mine, hits: [mine] }])).status,
      200,
    )
  })

  it('a creation shows what was made, and not what was there before', async () => {
    assert.equal((await send('POST', '/orders', () => [201, mine])).status, 201)
    assert.equal(
      (await send('POST', '/orders', () => [201, { id: '9', text: 'new' }])).status,
      201,
      'no owner told',
    )
    assert.equal((await send('POST', '/orders', () => [201, hers])).status, 403)
    assert.equal((await send('POST', '/orders', () => [409, hers])).status, 403, 'the conflict is another’s')
    assert.equal(
      (await send('POST', '/orders', () => [409, { id: '2', text: 'hers' }])).status,
      403,
      'or nobody’s',
    )
    const conflict = await send('POST', '/orders', () => [409, mine])
    assert.deepEqual([conflict.status, JSON.parse(conflict.text)], [409, mine])
  })

  it('an error that holds an object, and a property that may not be read', async () => {
    assert.equal((await send('GET', '/orders/1', () => [423, { lockedBy: hers }])).status, 403)
    const locked = await send('GET', '/orders/1', () => [423, { lockedBy: { ...mine, secret: 'hers' } }])
    assert.deepEqual([locked.status, JSON.parse(locked.text)], [423, { lockedBy: mine }])
    assert.equal((await send('GET', '/orders/1', () => [423, {}])).status, 423)
  })

  it('the reply to a write: the object that was proven, and of others only one’s own', async () => {
    const written = await send('PUT', '/orders/1', (method) =>
      method === 'GET' ? [200, mine] : [200, { order: { ...mine, ownerId: '7' }, swapped: [hers, mine] }],
    )
    assert.deepEqual(written.seen, ['GET /orders/1', 'PUT /orders/1'])
    assert.deepEqual(
      JSON.parse(written.text),
      { order: { ...mine, ownerId: '7' }, swapped: [mine] },
      'given away',
    )
  })

  it('a list below a foreign object is not read, though its elements are mine', async () => {
    const other = await send('GET', '/orders/2/related', (_method, path) => [
      200,
      path.endsWith('related') ? [mine] : hers,
    ])
    assert.deepEqual([other.status, other.seen], [403, ['GET /orders/2']])
    const own = await send('GET', '/orders/1/related', (_method, path) => [
      200,
      path.endsWith('related') ? [mine, hers] : mine,
    ])
    assert.deepEqual([own.status, JSON.parse(own.text)], [200, [mine]])
  })
})

test('a look at what a write shows does not allow it: what nobody secured stays closed', async () => {
  const gate = await startGateway({
    contract: contract.replace('security: [{ bearerAuth: [] }]\n', ''),
    api: `    objects: { order: { id: path.orderId, owner: response.ownerId, read: "GET /orders/{orderId}" } }`,
  })
  try {
    for (const path of ['/orders', '/orders/search']) {
      const reply = await fetch(gate.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${await gate.token()}`, 'content-type': 'application/json' },
        body: '{}',
      })
      assert.match(await reply.text(), /AUTHORIZE_FUNCTION/, path)
    }
    assert.equal(gate.upstream.seen.length, 0)
  } finally {
    await gate.close()
  }
})
