import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it, test } from 'node:test'
import type { ObjectRef } from '../../src/kernel/object-ref.ts'
import { type RunningGateway, startGateway } from '../flow/running-gateway.ts'
import { type DecisionPointServer, modelId, startDecisionPoint, storeId } from '../stand-in/decision-point.ts'

// OWASP API1:2023: an external decision point says who may touch which object (AuthZEN 1.0, OpenFGA).

const contract = `openapi: 3.1.0
info: { title: Trips, version: '1' }
security: [{ bearer: [] }]
paths:
  /trips/{tripId}:
    parameters: [{ name: tripId, in: path, required: true, schema: { type: string } }]
    get: { operationId: readTrip, responses: { '200': { description: one, content: { application/json: { schema: { type: object, additionalProperties: true } } } } } }
    put:
      operationId: writeTrip
      requestBody: { content: { application/json: { schema: { type: object, additionalProperties: true } } } }
      responses: { '200': { description: one, content: { application/json: { schema: { type: object, additionalProperties: true } } } } }
  /trips/{tripId}/cancel:
    parameters: [{ name: tripId, in: path, required: true, schema: { type: string } }]
    post: { operationId: cancelTrip, responses: { '200': { description: done, content: { application/json: { schema: { type: object, additionalProperties: true } } } } } }
  /batch:
    post:
      operationId: batch
      requestBody: { content: { application/json: { schema: { type: object, properties: { trips: { type: array, items: { type: string } } } } } } }
      responses: { '200': { description: done, content: { application/json: { schema: { type: object, additionalProperties: true } } } } }
  /notes/{noteId}:
    parameters: [{ name: noteId, in: path, required: true, schema: { type: string } }]
    get: { operationId: readNote, responses: { '200': { description: one, content: { application/json: { schema: { type: object, additionalProperties: true } } } } } }
  /people/{personId}:
    parameters: [{ name: personId, in: path, required: true, schema: { type: string } }]
    put:
      operationId: writePerson
      requestBody: { content: { application/json: { schema: { type: object, additionalProperties: true } } } }
      responses: { '200': { description: one, content: { application/json: { schema: { type: object, additionalProperties: true } } } } }
components: { securitySchemes: { bearer: { type: http, scheme: bearer } } }
`

interface Sent {
  readonly status: number
  readonly code: string | undefined
  readonly text: string
}

const secret = 'pdp-secret-0123456789'

for (const kind of ['authzen', 'openfga'] as const)
  describe(`API1 objects asked for by ${kind}`, () => {
    let point: DecisionPointServer
    let gateway: RunningGateway
    const ends: (() => Promise<void>)[] = []

    before(async () => {
      point = await startDecisionPoint({ after: (end) => ends.push(end) })
      const at =
        kind === 'authzen'
          ? `authzen: ${point.url}`
          : `openfga: { url: ${point.url}, store: ${storeId}, model: ${modelId} }`
      const ask = (more: string): string => `{ ${at}, token: "\${file:pdp.token}", deadline: 500ms, ${more} }`
      gateway = await startGateway({
        contract,
        files: { 'pdp.token': `${secret}\n` },
        api: `    objects:
      trip:
        id: path.tripId
        allow: "'support' in caller.roles"
        ask: ${ask('cache: 0s, action: { GET: view, cancelTrip: cancel, "*": edit }')}
      trips: { for: batch, id: "body.trips[*]", ask: ${ask('type: trip, cache: 0s, action: edit')} }
      note: { id: path.noteId, hidden: 404, ask: ${ask('cache: 1s, context: { ip: request.ip }')} }
      person: { id: path.personId, owner: path.personId, ask: ${ask('mode: enforce')} }`,
      })
    })
    after(async () => {
      await gateway.close()
      for (const end of ends) await end()
    })
    beforeEach(() => {
      point.asked.length = 0
      point.allowed.clear()
      point.broken.clear()
      point.token = secret
      point.answer = (_question, _response, usual) => usual()
      gateway.upstream.seen.length = 0
    })

    async function send(
      method: string,
      path: string,
      body?: unknown,
      claims: Record<string, unknown> = {},
    ): Promise<Sent> {
      const reply = await fetch(gateway.url + path, {
        method,
        headers: {
          authorization: `Bearer ${await gateway.token(claims)}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await reply.text()
      const problem = reply.headers.get('content-type')?.startsWith('application/problem+json') === true
      return {
        status: reply.status,
        code: problem ? (JSON.parse(text) as { code: string }).code : undefined,
        text,
      }
    }
    const refused = (sent: Sent): string => `${sent.status} ${sent.code ?? ''}`

    it('passes what is allowed, and refuses what is not, before anything reaches the upstream', async () => {
      point.allowed.add('user:123 view trip:t1')
      assert.equal((await send('GET', '/trips/t1')).status, 200)
      assert.equal(gateway.upstream.seen.length, 1)
      assert.equal(refused(await send('GET', '/trips/t2')), '403 AUTHORIZE_OBJECT')
      assert.equal(refused(await send('PUT', '/trips/t1', {})), '403 AUTHORIZE_OBJECT')
      assert.equal(refused(await send('POST', '/trips/t1/cancel')), '403 AUTHORIZE_OBJECT')
      assert.equal(refused(await send('GET', '/trips/t1', undefined, { sub: '456' })), '403 AUTHORIZE_OBJECT')
      assert.equal(gateway.upstream.seen.length, 1)
    })

    it('the question is what the protocol says, with the credential of the gateway', async () => {
      point.allowed.add('user:123 cancel trip:t1')
      assert.equal((await send('POST', '/trips/t1/cancel')).status, 200)
      const [question] = point.asked
      assert.equal(question?.headers.authorization, `Bearer ${secret}`)
      assert.match(String(question?.headers['x-request-id']), /^[\w-]{8,}$/)
      const expected =
        kind === 'authzen'
          ? {
              subject: { type: 'user', id: '123', properties: { issuer: 'main' } },
              action: { name: 'cancel' },
              resource: { type: 'trip', id: 't1' },
            }
          : {
              tuple_key: { user: 'user:123', relation: 'cancel', object: 'trip:t1' },
              authorization_model_id: modelId,
            }
      assert.deepEqual(question?.body, expected)
      assert.equal(question?.path, kind === 'authzen' ? '/access/v1/evaluation' : `/stores/${storeId}/check`)
    })

    it('several objects are one question, and one foreign id refuses all', async () => {
      for (const id of ['t1', 't2', 't3']) point.allowed.add(`user:123 edit trip:${id}`)
      assert.equal((await send('POST', '/batch', { trips: ['t1', 't2', 't3', 't2'] })).status, 200)
      assert.equal(point.asked.length, 1)
      assert.match(point.asked[0]?.path ?? '', kind === 'authzen' ? /evaluations$/ : /batch-check$/)
      assert.equal(
        refused(await send('POST', '/batch', { trips: ['t1', 'x', 't2'] })),
        '403 AUTHORIZE_OBJECT',
      )
      assert.equal(gateway.upstream.seen.length, 1)
    })

    it('more objects than one question takes are several', async () => {
      const trips = Array.from({ length: 120 }, (_, i) => `t${i}`)
      for (const id of trips) point.allowed.add(`user:123 edit trip:${id}`)
      assert.equal((await send('POST', '/batch', { trips })).status, 200)
      assert.equal(point.asked.length, 3)
      point.allowed.delete('user:123 edit trip:t119')
      assert.equal(refused(await send('POST', '/batch', { trips })), '403 AUTHORIZE_OBJECT')
      const many = Array.from({ length: 300 }, (_, i) => `t${i}`)
      point.asked.length = 0
      assert.equal(refused(await send('POST', '/batch', { trips: many })), '403 AUTHORIZE_OBJECT')
      assert.equal(point.asked.length, 0)
    })

    it('an answer is used again for as long as is written, and no longer', async () => {
      point.allowed.add('user:123 read note:n1')
      assert.equal((await send('GET', '/notes/n1')).status, 200)
      point.allowed.clear()
      assert.equal((await send('GET', '/notes/n1')).status, 200)
      assert.equal(point.asked.length, 1)
      assert.equal(
        refused(await send('GET', '/notes/n1', undefined, { sub: '456' })),
        '404 AUTHORIZE_NOT_FOUND',
      )
      assert.equal(point.asked.length, 2, 'another caller is another question')
      await new Promise((resolve) => setTimeout(resolve, 1_050))
      assert.equal(refused(await send('GET', '/notes/n1')), '404 AUTHORIZE_NOT_FOUND')
      point.answer = (_question, response) => response.writeHead(500).end()
      assert.equal(
        refused(await send('GET', '/notes/n1')),
        '404 AUTHORIZE_NOT_FOUND',
        'a denial is used again, too',
      )
      await new Promise((resolve) => setTimeout(resolve, 1_050))
      assert.equal(
        refused(await send('GET', '/notes/n1')),
        '503 AUTHORIZE_UNDECIDED',
        'nothing stale is used',
      )
    })

    it('the decision point is told what the rule says', async () => {
      point.allowed.add('user:123 read note:n7')
      assert.equal((await send('GET', '/notes/n7')).status, 200)
      assert.deepEqual((point.asked[0]?.body as { context?: unknown } | undefined)?.context, {
        ip: '127.0.0.1',
      })
    })

    it('agrees with the other rules: all that are written must allow', async () => {
      point.allowed.add('user:123 write person:123').add('user:123 write person:9')
      assert.equal((await send('PUT', '/people/123', {})).status, 200)
      assert.equal(refused(await send('PUT', '/people/9', {})), '403 AUTHORIZE_OBJECT', 'not the owner')
      assert.equal(refused(await send('PUT', '/people/456', {}, { sub: '456' })), '403 AUTHORIZE_OBJECT')
      assert.equal(gateway.upstream.seen.length, 1)
    })

    it('who is excepted is not asked about, and passes while the decision point is down', async () => {
      point.answer = (_question, response) => response.destroy()
      assert.equal((await send('GET', '/trips/t1', undefined, { roles: ['support'] })).status, 200)
      assert.equal(point.asked.length, 0)
    })

    it('names that would be read as something else are never asked about', async () => {
      const paths =
        kind === 'openfga' ? ['/trips/a%3Ab', '/trips/%2A', '/trips/t1%23member', '/trips/a%20b'] : []
      for (const path of paths) assert.equal(refused(await send('GET', path)), '403 AUTHORIZE_OBJECT', path)
      if (kind === 'openfga')
        for (const sub of ['*', 'team#member', 'a:b'])
          assert.equal(
            refused(await send('GET', '/trips/t1', undefined, { sub })),
            '403 AUTHORIZE_OBJECT',
            sub,
          )
      assert.equal(refused(await send('GET', `/trips/${'x'.repeat(1_100)}`)), '403 AUTHORIZE_OBJECT')
      assert.equal(point.asked.length, 0)
    })

    const late = (ms: number) => (_question: unknown, _response: unknown, usual: () => void) => {
      setTimeout(usual, ms)
    }
    const text =
      (body: string, status = 200): DecisionPointServer['answer'] =>
      (_question, response) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    const yes = kind === 'authzen' ? 'decision' : 'allowed'
    const wrong: readonly (readonly [string, DecisionPointServer['answer']])[] = [
      ['hangs', () => {}],
      ['is slow', late(1_000)],
      ['drips its answer', (_question, response) => void response.writeHead(200).write('{')],
      ['hangs up', (_question, response) => response.destroy()],
      ['fails', text('{}', 500)],
      ['is overloaded', text('{}', 429)],
      ['redirects', (_question, response) => response.writeHead(307, { location: '/elsewhere' }).end()],
      ['says nothing', text('')],
      ['says no JSON', text('yes')],
      ['says a list', text(`[{"${yes}":true}]`)],
      ['says a text', text(`{"${yes}":"true"}`)],
      ['says a number', text(`{"${yes}":1}`)],
      ['says null', text(`{"${yes}":null}`)],
      ['says it in the prototype', text(`{"__proto__":{"${yes}":true}}`)],
      ['says it elsewhere', text(`{"result":{"${yes}":true}}`)],
      ['says another status', text(`{"${yes}":true}`, 201)],
      ['says too much', text(`{"${yes}":true,"x":"${'x'.repeat(1_100_000)}"}`)],
    ]
    for (const [what, answer] of wrong)
      it(`refuses with 503 where the decision point ${what}, and writes nothing`, async () => {
        point.allowed.add('user:123 edit trip:t1').add('user:123 view trip:t1')
        point.answer = answer
        const begun = performance.now()
        assert.equal(refused(await send('PUT', '/trips/t1', { a: 1 })), '503 AUTHORIZE_UNDECIDED')
        const took = performance.now() - begun
        assert.ok(took < 4_000, `${took} ms`)
        assert.equal(refused(await send('GET', '/trips/t1')), '503 AUTHORIZE_UNDECIDED')
        assert.equal(gateway.upstream.seen.length, 0)
      })

    it('a decision point that is gone, or knows another credential, refuses with 503', async () => {
      point.allowed.add('user:123 view trip:t1')
      point.token = 'another'
      assert.equal(refused(await send('GET', '/trips/t1')), '503 AUTHORIZE_UNDECIDED')
      assert.equal(gateway.upstream.seen.length, 0)
    })

    it('one object of several that cannot be evaluated refuses with 503, one that is denied with 403', async () => {
      for (const id of ['t1', 't2', 't3']) point.allowed.add(`user:123 edit trip:${id}`)
      point.broken.add('trip:t2')
      assert.equal(refused(await send('POST', '/batch', { trips: ['t1', 't2'] })), '503 AUTHORIZE_UNDECIDED')
      assert.equal(
        refused(await send('POST', '/batch', { trips: ['t1', 't2', 'x'] })),
        '403 AUTHORIZE_OBJECT',
      )
      point.answer = (question, response, usual) => {
        if (!/evaluations|batch/.test(question.path)) return usual()
        const short =
          kind === 'authzen' ? { evaluations: [{ decision: true }] } : { result: { 0: { allowed: true } } }
        response.writeHead(200).end(JSON.stringify(short))
      }
      assert.equal(refused(await send('POST', '/batch', { trips: ['t1', 't3'] })), '503 AUTHORIZE_UNDECIDED')
      assert.equal(gateway.upstream.seen.length, 0)
    })

    it('the caller learns neither the reason nor the decision point', async () => {
      point.answer = (_question, response) => response.writeHead(500).end('stack at /srv/pdp')
      const { text: told } = await send('GET', '/trips/t1')
      assert.deepEqual(Object.keys(JSON.parse(told) as object).sort(), [
        'code',
        'instance',
        'status',
        'title',
        'type',
      ])
      assert.ok(!told.includes('pdp') && !told.includes(secret) && !told.includes('500'))
      const events = await (await fetch(`${gateway.adminUrl}/api/v1/events?code=AUTHORIZE_UNDECIDED`)).text()
      assert.ok(events.includes('AUTHORIZE_UNDECIDED'))
      assert.ok(!events.includes(secret) && !events.includes('stack at'))
    })
  })

interface Seen {
  readonly notes: readonly { check: string; verdict: string; observed: boolean }[]
  readonly objects: readonly ObjectRef[]
}

test('a rule that only watches asks, writes down, and lets pass', async (t) => {
  const point = await startDecisionPoint(t)
  const gateway = await startGateway({
    contract,
    api: `    objects:
      trip: { id: path.tripId, ask: { authzen: "${point.url}/", mode: observe, deadline: 100ms } }`,
  })
  t.after(() => gateway.close())
  const send = async (): Promise<number> =>
    (
      await fetch(`${gateway.url}/trips/t1`, {
        headers: { authorization: `Bearer ${await gateway.token()}` },
      })
    ).status
  assert.equal(await send(), 200)
  point.answer = () => {}
  assert.equal(await send(), 200)
  // Events are kept in batches.
  let events: Seen[] = []
  for (let i = 0; i < 100 && events.length < 2; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    const page = (await (await fetch(`${gateway.adminUrl}/api/v1/events`)).json()) as { events: Seen[] }
    events = page.events
  }
  for (const { notes, objects } of events) {
    assert.ok(
      notes.some((note) => note.check === 'authorize.asked' && note.observed && note.verdict === 'deny'),
    )
    assert.deepEqual(objects, [{ type: 'trip', id: 't1' }])
  }
  assert.equal(events.length, 2)
})

test('a flood of questions is bounded: what is too much is undecided at once', async (t) => {
  const point = await startDecisionPoint(t)
  const gateway = await startGateway({
    contract,
    api: `    objects:
      trip: { id: path.tripId, ask: { authzen: "${point.url}", deadline: 400ms } }`,
  })
  t.after(() => gateway.close())
  point.answer = () => {}
  const authorization = `Bearer ${await gateway.token()}`
  const codes = await Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      const reply = await fetch(`${gateway.url}/trips/t${i}`, { headers: { authorization } })
      await reply.text()
      return reply.status
    }),
  )
  assert.ok(codes.every((status) => status === 503))
  assert.equal(gateway.upstream.seen.length, 0)
})

test('a decision point of a configuration that is read later may be asked, too', async (t) => {
  const { readFileSync, writeFileSync } = await import('node:fs')
  const point = await startDecisionPoint(t)
  const gateway = await startGateway({
    contract,
    api: `    objects:\n      trip: { id: path.tripId, allow: "true" }`,
  })
  t.after(() => gateway.close())
  const file = `${gateway.folder}/sallyport.yaml`
  const written = readFileSync(file, 'utf8')
  writeFileSync(file, written.replace('allow: "true" }', `ask: { authzen: "${point.url}" } }`))
  await gateway.reload()
  point.allowed.add('user:123 read trip:t1')
  const headers = { authorization: `Bearer ${await gateway.token()}` }
  assert.equal((await fetch(`${gateway.url}/trips/t1`, { headers })).status, 200)
  assert.equal((await fetch(`${gateway.url}/trips/t2`, { headers })).status, 403)
})
