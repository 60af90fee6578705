import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createFlows } from '../../src/stages/authorize/flows/create-flows.ts'
import { createFlowMemory } from '../../src/stages/authorize/flows/flow-memory.ts'
import { type RunningGateway, startGateway } from '../flow/running-gateway.ts'
import { makeCall, makeOperation, makePrincipal } from '../support/make-call.ts'

const contract = `openapi: 3.1.0
info: { title: Shop, version: "1" }
components:
  securitySchemes: { bearerAuth: { type: http, scheme: bearer } }
security: [{ bearerAuth: [] }]
paths:
  /search:
    get: { operationId: search, responses: { "200": { description: found, content: { application/json: { schema: { type: object } } } } } }
  /quote:
    post: { operationId: quote, responses: { "200": { description: a price, content: { application/json: { schema: { type: object } } } }, "409": { description: sold out } } }
  /bookings:
    post: { operationId: book, responses: { "201": { description: booked } } }
`
let gateway: RunningGateway
let sold = false
before(async () => {
  gateway = await startGateway({
    contract,
    api: `    flows:
      booking: { steps: [search, quote, book], pace: 300ms, within: 10s }`,
  })
  gateway.upstream.answer = (request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url === '/bookings') response.writeHead(201).end()
    else response.writeHead(sold && request.url === '/quote' ? 409 : 200).end('{}')
  }
})
after(() => gateway.close())

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function step(
  sub: string,
  method: string,
  path: string,
): Promise<{ status: number; code: string | undefined; retry: string | null }> {
  const reply = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${await gateway.token({ sub })}` },
  })
  const text = await reply.text()
  const code = text === '' ? undefined : (JSON.parse(text) as { code?: string }).code
  return { status: reply.status, code, retry: reply.headers.get('retry-after') }
}

test('Z09, attack: a bot goes straight to the booking, or through all steps at once; the honest twin books', async () => {
  const seen = gateway.upstream.seen.length
  assert.deepEqual(await step('bot', 'POST', '/bookings'), {
    status: 409,
    code: 'AUTHORIZE_FLOW',
    retry: null,
  })
  assert.equal((await step('bot', 'POST', '/quote')).status, 409)
  assert.equal(gateway.upstream.seen.length, seen)
  assert.equal((await step('bot', 'GET', '/search')).status, 200)
  assert.deepEqual(await step('bot', 'POST', '/quote'), { status: 429, code: 'LIMIT_PACE', retry: '1' })

  assert.equal((await step('human', 'GET', '/search')).status, 200)
  await pause(350)
  assert.equal((await step('human', 'POST', '/quote')).status, 200)
  await pause(350)
  assert.equal((await step('human', 'POST', '/bookings')).status, 201)
  assert.equal((await step('other', 'POST', '/bookings')).status, 409, 'the steps are those of one caller')
})

test('one quote is one booking, also when many are sent at once', async () => {
  await step('racer', 'GET', '/search')
  await pause(350)
  await step('racer', 'POST', '/quote')
  await pause(350)
  const all = await Promise.all(Array.from({ length: 10 }, () => step('racer', 'POST', '/bookings')))
  assert.equal(all.filter(({ status }) => status === 201).length, 1)
  assert.equal(all.filter(({ code }) => code === 'AUTHORIZE_FLOW').length, 9)
  await pause(350)
  assert.equal((await step('racer', 'POST', '/quote')).status, 200, 'another quote needs no other search')
})

test('a step that failed was not taken', async () => {
  await step('late', 'GET', '/search')
  await pause(350)
  sold = true
  assert.equal((await step('late', 'POST', '/quote')).status, 409)
  sold = false
  await pause(350)
  assert.equal((await step('late', 'POST', '/bookings')).code, 'AUTHORIZE_FLOW')
})

test('a flow ends after its time; observe passes; memory is bounded', () => {
  const operations = [makeOperation(0, 'GET /a'), makeOperation(1, 'POST /b')] as const
  let now = 1_000_000
  const memory = createFlowMemory(3)
  const flowsWith = (mode: 'enforce' | 'observe'): ReturnType<typeof createFlows> =>
    createFlows({
      rules: [{ name: 'f', api: 'travel', steps: [[0], [1]], paceMs: 0, withinMs: 60_000, mode }],
      memory,
      clock: { now: () => now, monotonic: () => now },
    })
  const flows = flowsWith('enforce')
  const call = (slot: 0 | 1, sub: string): ReturnType<typeof makeCall> =>
    makeCall(operations[slot], { principal: makePrincipal(sub) })
  flows.release(call(0, 'a'))?.run(200, undefined, undefined)
  assert.equal(flows.run(call(1, 'a')), undefined)
  now += 61_000
  assert.equal(flows.run(call(1, 'a'))?.code, 'AUTHORIZE_FLOW')
  assert.equal(flowsWith('observe').run(call(1, 'a')), undefined)
  for (const sub of ['b', 'c', 'd']) flows.release(call(0, sub))?.run(204, undefined, undefined)
  assert.equal(memory.forgotten, 1)
  assert.equal(flows.run(call(1, 'd')), undefined)
})

test('at most 2 µs a check', (t) => {
  const flows = createFlows({
    rules: [{ name: 'f', api: 'travel', steps: [[0], [1]], paceMs: 0, withinMs: 60_000, mode: 'enforce' }],
    memory: createFlowMemory(),
  })
  const first = makeCall(makeOperation(0, 'GET /a'))
  const second = makeCall(makeOperation(1, 'POST /b'))
  flows.release(first)?.run(200, undefined, undefined)
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    const start = performance.now()
    for (let i = 0; i < 20_000; i++) flows.run(second)
    best = Math.min(best, ((performance.now() - start) * 1000) / 20_000)
  }
  t.diagnostic(`${best.toFixed(2)} µs a check`)
  assert.ok(best <= 4)
})
