import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type RunningGateway, startGateway } from '../flow/running-gateway.ts'
import { type DecisionPointServer, startDecisionPoint } from '../stand-in/decision-point.ts'

// Object, function and property rules that cannot be decided: refused, counted, and nothing is written upstream.

const item =
  "{ description: x, content: { application/json: { schema: { $ref: '#/components/schemas/Item' } } } }"
const path = (name: string): string => `  /${name}/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: { operationId: ${name}Read, responses: { '200': ${item} } }
    put:
      operationId: ${name}Write
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Item' } } } }
      responses: { '200': ${item} }
`
const contract = `openapi: 3.1.0
info: { title: Items, version: '1' }
security: [{ bearerAuth: [] }]
paths:
${path('teams')}${path('owned')}${path('asked')}${path('learned')}
  /learned:
    get: { operationId: learnedList, responses: { '200': { description: x, content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Learned' } } } } } } }
components:
  securitySchemes: { bearerAuth: { type: http, scheme: bearer } }
  schemas:
    Item: { type: object, properties: { userId: { type: string }, text: { type: string } } }
    Learned: { type: object, properties: { learnedId: { type: string } } }
`

describe('bad input', () => {
  let gate: RunningGateway
  let point: DecisionPointServer
  const ends: (() => Promise<void>)[] = []
  before(async () => {
    point = await startDecisionPoint({ after: (end) => ends.push(end) })
    gate = await startGateway({
      contract,
      api: `    functions: [{ for: "/teams/**", allow: "caller.claims.team == 'red'" }]
    objects:
      owned: { for: [ownedRead, ownedWrite], id: path.id, owner: response.userId, read: "GET /owned/{id}" }
      asked: { for: [askedRead, askedWrite], id: path.id, ask: { authzen: ${point.url}, deadline: 100ms } }
      learned: { for: [learnedRead, learnedWrite], ids: [path.id], learn: { alert: 3, lock: 5 } }`,
    })
  })
  after(async () => {
    await gate.close()
    for (const end of ends) await end()
  })
  const answer = (status: number, body: string, type = 'application/json'): void => {
    gate.upstream.answer = (_request, response) => {
      response.writeHead(status, { 'content-type': type }).end(body)
    }
  }
  beforeEach(() => {
    gate.upstream.seen.length = 0
    answer(200, '{"userId":"123","text":"t"}')
  })
  const send = async (method: string, target: string, claims = {}): Promise<string> => {
    const reply = await fetch(gate.url + target, {
      method,
      headers: { authorization: `Bearer ${await gate.token(claims)}`, 'content-type': 'application/json' },
      ...(method === 'PUT' && { body: '{"text":"x"}' }),
    })
    const text = await reply.text()
    return reply.ok ? String(reply.status) : `${reply.status} ${(JSON.parse(text) as { code: string }).code}`
  }
  const written = (): string[] =>
    gate.upstream.seen.filter((one) => one.method === 'PUT').map((one) => one.url)
  const counted = async (code: string): Promise<number> => {
    const text = await (await fetch(`${gate.adminUrl}/metrics`)).text()
    return Number(new RegExp(`sallyport_refusals_total\\{code="${code}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
  }

  it('a rule whose expression cannot be evaluated on a call denies, and is counted', async () => {
    const before = await counted('AUTHORIZE_FUNCTION')
    for (const claims of [{}, { team: null }, { team: ['red'] }, { team: { name: 'red' } }, { team: 7 }])
      assert.equal(await send('PUT', '/teams/1', claims), '403 AUTHORIZE_FUNCTION', JSON.stringify(claims))
    assert.equal(gate.upstream.seen.length, 0)
    assert.equal(await send('PUT', '/teams/1', { team: 'red' }), '200')
    assert.equal((await counted('AUTHORIZE_FUNCTION')) - before, 5)
  })

  it('a reply that is not JSON where an owner must be read is refused', async () => {
    for (const [body, type] of [
      ['<item/>', 'application/xml'],
      ['userId: 123', 'text/plain'],
      ['{"userId":"123"}\n{"userId":"123"}', 'application/x-ndjson'],
      ['{"userId":"456","userId":"123"}', 'application/json'],
      ['\ufeff{"userId":"123"}', 'text/html'],
      ['{"userId":"123"', 'application/json'],
    ] as const) {
      answer(200, body, type)
      assert.equal(await send('GET', '/owned/1'), '502 SCREEN_SCHEMA', type)
    }
    answer(200, '{"userId":"123"}')
    assert.equal(await send('GET', '/owned/1'), '200')
  })

  it('a read before a write that fails refuses the write with 502 or 504', async () => {
    answer(500, '{}')
    assert.equal(await send('PUT', '/owned/1'), '502 FORWARD_MALFORMED')
    gate.upstream.answer = (_request, response) => response.socket?.destroy()
    assert.match(await send('PUT', '/owned/2'), /^502 FORWARD_/)
    gate.upstream.answer = () => {}
    assert.match(await send('PUT', '/owned/3'), /^504 FORWARD_/)
    answer(200, 'not JSON', 'text/plain')
    assert.equal(await send('PUT', '/owned/4'), '403 AUTHORIZE_OBJECT')
    assert.deepEqual(written(), [])
    answer(200, '{"userId":"123"}')
    assert.equal(await send('PUT', '/owned/5'), '200')
  })

  it('a decision point that is late refuses with 503', async () => {
    point.answer = () => {}
    assert.equal(await send('PUT', '/asked/1'), '503 AUTHORIZE_UNDECIDED')
    assert.equal(gate.upstream.seen.length, 0)
    point.answer = (_question, _response, usual) => usual()
    assert.equal(await send('PUT', '/asked/1'), '403 AUTHORIZE_OBJECT')
    assert.deepEqual(written(), [])
    point.allowed.add('user:123 write asked:2')
    assert.equal(await send('PUT', '/asked/2'), '200')
  })

  it('what the upstream hides from one is not taken from another who owns it', async () => {
    gate.upstream.answer = (request, response) => {
      const claims = String(request.headers['sallyport-identity']).split('.')[1] ?? ''
      const { sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string }
      response
        .writeHead(sub === '123' ? 200 : 404, { 'content-type': 'application/json' })
        .end('{"userId":"123"}')
    }
    assert.equal(await send('PUT', '/owned/9', { sub: '456' }), '403 AUTHORIZE_OBJECT')
    assert.equal(await send('PUT', '/owned/9', { sub: '456' }), '403 AUTHORIZE_OBJECT')
    assert.equal(gate.upstream.seen.length, 1, 'a second attempt reads as little as on a foreign one')
    assert.equal(await send('PUT', '/owned/9'), '200')
  })

  it('Z08: who asks for many objects that were not given to them is told of, then answered 429', async () => {
    answer(200, '[{"learnedId":"mine"}]')
    assert.equal(await send('GET', '/learned', { sub: 'scan' }), '200')
    const codes: string[] = []
    for (let n = 0; n < 6; n++) codes.push(await send('GET', `/learned/${1000 + n}`, { sub: 'scan' }))
    assert.deepEqual(codes, [
      ...new Array<string>(4).fill('403 AUTHORIZE_OBJECT'),
      '429 LIMIT_LOCKED',
      '429 LIMIT_LOCKED',
    ])
    answer(200, '{}')
    assert.equal(await send('GET', '/learned/mine', { sub: 'scan' }), '200', 'what was given stays given')
    let alerts = 0
    for (let tries = 0; tries < 50 && alerts < 4; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      const events = await (await fetch(`${gate.adminUrl}/api/v1/events?sub=scan&limit=20`)).text()
      alerts = events.split('authorize.enumeration').length - 1
    }
    assert.ok(alerts >= 4, `${alerts} alerts`)
  })
})
