import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contractOf } from '../../src/contract/contract.fixture.ts'
import { createIdSealer, type PlainId } from '../../src/crypto/id-sealer.ts'
import type { Operation } from '../../src/kernel/operation.ts'
import { isDenied } from '../../src/kernel/verdict.ts'
import { createSealing } from '../../src/stages/authorize/sealing/create-sealing.ts'
import type { SealedRule } from '../../src/stages/authorize/sealing/options.ts'
import { sealingApiWith } from '../support/ledger-with.ts'
import { makeCall, makeInspected, makePrincipal } from '../support/make-call.ts'

const media = (type: string, schema: unknown): object => ({ content: { [type]: { schema } } })
const text = { type: 'string' }
const order = {
  type: 'object',
  properties: {
    orderId: { type: 'integer' },
    lines: { type: 'array', items: { type: 'object', properties: { orderId: { type: 'integer' } } } },
  },
}
const contract = contractOf({
  openapi: '3.1.0',
  info: { title: 't', version: '1' },
  paths: {
    '/orders': {
      get: {
        operationId: 'list',
        parameters: [
          { name: 'orderIds', in: 'query', schema: { type: 'array', items: text }, explode: false },
          { name: 'orderId', in: 'query', schema: { type: 'array', items: text } },
          { name: 'X-Order-Id', in: 'header', schema: text },
          { name: 'orderId', in: 'cookie', schema: text },
        ],
        responses: {
          200: {
            description: '',
            headers: { 'X-Order-Id': { schema: text } },
            ...media('application/json', {
              type: 'object',
              properties: {
                data: { type: 'array', items: { $ref: '#/components/schemas/Order' } },
                next: { type: 'string', format: 'uri-reference' },
              },
            }),
          },
        },
      },
      post: {
        operationId: 'create',
        requestBody: media('application/json', order),
        responses: { 201: { description: '' } },
      },
    },
    '/orders/{orderId}/items/{item}.json': {
      get: {
        operationId: 'item',
        parameters: [
          { name: 'orderId', in: 'path', required: true, schema: { type: 'integer' } },
          { name: 'item', in: 'path', required: true, schema: text },
        ],
        responses: { 204: { description: '' } },
      },
    },
    '/merges': {
      post: {
        operationId: 'merge',
        requestBody: {
          content: {
            'application/json': { schema: order },
            'application/x-www-form-urlencoded': {
              schema: { type: 'object', properties: { orderId: text, note: text } },
            },
          },
        },
        responses: { 204: { description: '' } },
      },
    },
  },
  components: { schemas: { Order: order } },
})

const sealer = createIdSealer([Buffer.alloc(32, 5)])
const seal = (id: PlainId, sub = 'u1'): string =>
  sealer.scope({ api: 'travel', type: 'order', issuer: 'travel', sub }).seal(id)
const operation = (id: string): Operation => contract.operations.find((one) => one.id === id) as Operation
const sealingWith = (rule: Partial<SealedRule> = {}): ReturnType<typeof createSealing> => {
  const api = sealingApiWith(contract, ['order'])
  return createSealing({ apis: [{ ...api, rules: api.rules.map((one) => ({ ...one, ...rule })) }], sealer })
}
const sealing = sealingWith()
const caller = { principal: makePrincipal('u1') }
const asJson = { kind: 'json', range: 'application/json' } as const
const asForm = { kind: 'form', range: 'application/x-www-form-urlencoded' } as const
const bytes = (value: unknown): Buffer =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))

test('path: a mixed segment keeps its literal; the rest of the path keeps its bytes', () => {
  const sealed = seal('7')
  const call = {
    ...makeCall(operation('item'), { ...caller, params: { orderId: sealed, item: 'a b' } }),
    path: `/orders/${sealed}/items/a%20b.json`,
  }
  const opened = sealing.open(call)
  assert.ok(!isDenied(opened))
  assert.equal(opened.path, '/orders/7/items/a%20b.json')
  assert.deepEqual({ ...opened.params }, { orderId: '7', item: 'a b' })
  assert.equal(call.params['orderId'], sealed, 'the fact before stays what it was')
})

test('query: one value, repeated values, lists; other pairs keep their bytes', () => {
  const query = `a=1%2B1&orderId=${seal(1)}&&orderId=${seal(2)}&orderIds=${seal(3)},${seal('x y')}&b`
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => ({ name, value }))
  const opened = sealing.open({ ...makeCall(operation('list'), { ...caller, pairs }), query })
  assert.ok(!isDenied(opened))
  assert.equal(opened.query, 'a=1%2B1&orderId=1&&orderId=2&orderIds=3,x%20y&b')
  assert.deepEqual(
    opened.pairs.map(({ value }) => value),
    ['1+1', '1', '2', '3,x y', ''],
  )
  const foreign = `orderId=${seal(1)}&orderId=${seal(2, 'u2')}`
  const mixed = [...new URLSearchParams(foreign)].map(([name, value]) => ({ name, value }))
  assert.ok(
    isDenied(sealing.open({ ...makeCall(operation('list'), { ...caller, pairs: mixed }), query: foreign })),
  )
  const comma = { name: 'orderIds', value: seal('1,2') }
  assert.ok(
    isDenied(
      sealing.open({
        ...makeCall(operation('list'), { ...caller, pairs: [comma] }),
        query: `orderIds=${comma.value}`,
      }),
    ),
    'one id that would become two',
  )
})

test('header and cookie', () => {
  const fields = ['x-order-id', seal(4), 'cookie', `a=b; orderId=${seal('q')}; c=d`]
  const opened = sealing.open(makeCall(operation('list'), { ...caller, fields }))
  assert.ok(!isDenied(opened))
  assert.deepEqual([...opened.fields.flat], ['x-order-id', '4', 'cookie', 'a=b; orderId=q; c=d'])
  const broken = ['x-order-id', seal('a\r\nb: c')]
  assert.ok(isDenied(sealing.open(makeCall(operation('list'), { ...caller, fields: broken }))))
})

test('JSON body: integers become integers again, beyond 2^53 too; one foreign id refuses all', () => {
  const call = makeCall(operation('merge'), caller)
  const open = (value: unknown): string | object => {
    const opened = sealing.openBody(call, asJson, bytes(value), 64)
    return opened instanceof Uint8Array ? Buffer.from(opened).toString() : opened
  }
  assert.equal(
    open({ orderId: seal(2n ** 60n), note: 1.5, lines: [{ orderId: seal(2) }] }),
    '{"orderId":1152921504606846976,"note":1.5,"lines":[{"orderId":2}]}',
  )
  assert.ok(isDenied(open({ orderId: seal(1), lines: [{ orderId: seal(2, 'u2') }] }) as object))
  for (const plain of [1, '1', true, { $gt: 0 }, [seal(1)]])
    assert.ok(isDenied(open({ orderId: plain }) as object), JSON.stringify(plain))
  assert.equal(open({ orderId: null }), '{"orderId":null}')
  assert.equal(open('{broken'), '{broken', 'for inspect to tell')
})

test('form body', () => {
  const call = makeCall(operation('merge'), caller)
  const opened = sealing.openBody(call, asForm, bytes(`note=a+b&orderId=${seal('x&y')}`), 64)
  assert.equal(Buffer.from(opened as Uint8Array).toString(), 'note=a+b&orderId=x%26y')
  assert.ok(isDenied(sealing.openBody(call, asForm, bytes('orderId=5'), 64)))
})

test('reply: body, lists, links, Location, Content-Location, Link and id headers', () => {
  const release = sealing.release(makeInspected(makeCall(operation('list'), caller), undefined))
  const value = {
    data: [{ orderId: 1, lines: [{ orderId: 2 }] }],
    next: '/orders?orderIds=1,2&orderId=3&x=4#f',
  }
  assert.ok(release?.run(200, value, undefined))
  assert.deepEqual(value.data, [{ orderId: seal(1), lines: [{ orderId: seal(2) }] }])
  assert.equal(value.next, `/orders?orderIds=${seal('1')},${seal('2')}&orderId=${seal('3')}&x=4#f`)
  const item = (id: string): string => `/orders/${id}/items/a.json`
  assert.equal(
    release?.field('location', `https://api.example${item('9')}?q`),
    `https://api.example${item(seal('9'))}?q`,
  )
  assert.equal(release?.field('content-location', item('9')), item(seal('9')))
  assert.equal(
    release?.field('link', `<${item('9')}>; rel="x", <https://else.example/>; rel="y"`),
    `<${item(seal('9'))}>; rel="x", <https://else.example/>; rel="y"`,
  )
  assert.equal(release?.field('x-order-id', '7'), seal('7'))
  assert.equal(release?.field('etag', '7'), '7')
})

test('a status that nobody declared is sealed like the reply that was', () => {
  const release = sealing.release(makeInspected(makeCall(operation('list'), caller), undefined))
  const value = { data: [{ orderId: 1 }] }
  assert.ok(release?.run(203, value, undefined))
  assert.deepEqual(value.data, [{ orderId: seal(1) }])
})

test('observe takes plain ids and notes them; exceptions and one’s maker’s own ids pass; 404 by choice', () => {
  const plain = {
    ...makeCall(operation('item'), { ...caller, params: { orderId: '7', item: 'a' } }),
    path: '/orders/7/items/a.json',
  }
  const watching = sealingWith({ mode: 'observe' }).open(plain)
  assert.ok(!isDenied(watching) && watching.path === plain.path)
  assert.equal(plain.trail.notes[0]?.observed, true)
  const excepted = sealingWith({ allow: "'support' in caller.roles" })
  assert.ok(isDenied(excepted.open(plain)))
  assert.ok(!isDenied(excepted.open({ ...plain, principal: makePrincipal('s', { roles: ['support'] }) })))
  const hidden = sealingWith({ hidden: 404 }).open(plain)
  assert.ok(isDenied(hidden) && hidden.code === 'AUTHORIZE_NOT_FOUND')
  const made = sealing.openBody(makeCall(operation('create'), caller), asJson, bytes({ orderId: 77 }), 64)
  assert.equal(Buffer.from(made as Uint8Array).toString(), '{"orderId":77}')
})
