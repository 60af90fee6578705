import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type RunningGateway, startGateway } from './running-gateway.ts'

const contract = `openapi: 3.1.0
info: { title: Bookings, version: "1" }
components:
  securitySchemes: { bearerAuth: { type: http, scheme: bearer } }
  schemas:
    Booking:
      type: object
      properties: { bookingId: { type: string }, userId: { type: string } }
security: [{ bearerAuth: [] }]
paths:
  /bookings:
    get:
      operationId: list
      responses:
        "200":
          description: all of the caller's
          content:
            application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Booking" } } }
    post:
      operationId: create
      responses:
        "201": { description: made, content: { application/json: { schema: { $ref: "#/components/schemas/Booking" } } } }
  /bookings/{bookingId}:
    parameters: [{ name: bookingId, in: path, required: true, schema: { type: string } }]
    get:
      operationId: read
      responses:
        "200": { description: it, content: { application/json: { schema: { $ref: "#/components/schemas/Booking" } } } }
    delete:
      operationId: cancel
      responses: { "204": { description: gone } }
  /notes:
    post:
      operationId: note
      requestBody:
        content: { application/json: { schema: { type: object, properties: { bookingId: { type: string } } } } }
      responses: { "204": { description: noted } }
`

let gateway: RunningGateway
before(async () => {
  gateway = await startGateway({
    contract,
    api: '    objects: { booking: { learn: true, allow: "\'support\' in caller.roles" } }',
  })
  gateway.upstream.answer = (request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.method === 'DELETE' || request.url === '/notes') response.writeHead(204).end()
    else if (request.method === 'POST') response.writeHead(201).end('{"bookingId":"made","userId":"1"}')
    else if (request.url === '/bookings') response.end('[{"bookingId":"b1","userId":"1"}]')
    else response.end('{"bookingId":"b1","userId":"1"}')
  }
})
after(() => gateway.close())

async function call(
  sub: string,
  method: string,
  path: string,
  body?: unknown,
  claims = {},
): Promise<Response> {
  return fetch(gateway.url + path, {
    method,
    headers: {
      authorization: `Bearer ${await gateway.token({ sub, ...claims })}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

test('through the gate: a foreign id never reaches the upstream, the legitimate twin does', async () => {
  assert.equal((await call('a', 'GET', '/bookings')).status, 200)
  assert.equal((await call('a', 'GET', '/bookings/b1')).status, 200)
  const seen = gateway.upstream.seen.length
  const refused = await call('x', 'GET', '/bookings/b1')
  assert.equal(refused.status, 403)
  assert.equal(((await refused.json()) as { code: string }).code, 'AUTHORIZE_OBJECT')
  assert.equal((await call('x', 'DELETE', '/bookings/b1')).status, 403)
  assert.equal((await call('x', 'POST', '/notes', { bookingId: 'b1' })).status, 403)
  assert.equal(gateway.upstream.seen.length, seen)
  assert.equal((await call('a', 'POST', '/notes', { bookingId: 'b1' })).status, 204)
  assert.equal((await call('s', 'GET', '/bookings/b1', undefined, { roles: ['support'] })).status, 200)
})

test('a creation gives, a deletion takes, a reload remembers', async () => {
  assert.equal((await call('m', 'GET', '/bookings/made')).status, 403)
  assert.equal((await call('m', 'POST', '/bookings')).status, 201)
  await gateway.reload()
  assert.equal((await call('m', 'GET', '/bookings/made')).status, 200)
  assert.equal((await call('m', 'DELETE', '/bookings/made')).status, 204)
  assert.equal((await call('m', 'GET', '/bookings/made')).status, 403)
})

test('the event names the object and the miss; coverage and start say what guards it', async () => {
  await call('x', 'GET', '/bookings/b1')
  await new Promise((resolve) => setTimeout(resolve, 300))
  const events = (await (await fetch(`${gateway.adminUrl}/api/v1/events?sub=x&limit=1`)).json()) as {
    items?: readonly { reason: string; objects: readonly unknown[] }[]
    events?: readonly { reason: string; objects: readonly unknown[] }[]
  }
  const [event] = events.items ?? events.events ?? []
  assert.match(event?.reason ?? '', /never given to the caller; \d+ within a day/)
  assert.deepEqual(event?.objects, [{ type: 'booking', id: 'b1' }])
  const coverage = JSON.stringify(await (await fetch(`${gateway.adminUrl}/api/v1/coverage`)).json())
  assert.match(coverage, /booking \(learned\)/)
  assert.ok(!gateway.app.notes.some((note) => note.includes('names an object by path.bookingId')))
})
