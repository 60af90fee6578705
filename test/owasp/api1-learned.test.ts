import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { contractOf } from '../../src/contract/contract.fixture.ts'
import type { LoadedContract } from '../../src/contract/load-contract.ts'
import { Unusable } from '../../src/kernel/finding.ts'
import type { Operation } from '../../src/kernel/operation.ts'
import { type Denial, isDenied } from '../../src/kernel/verdict.ts'
import type { Ledger } from '../../src/stages/authorize/ledger/create-ledger.ts'
import type { LearnedRule } from '../../src/stages/authorize/ledger/options.ts'
import { createMemoryLedger } from '../../src/stores/memory/ledger-store.ts'
import { learnedRule, ledgerWith } from '../support/ledger-with.ts'
import { makeCall, makeInspected, makePrincipal } from '../support/make-call.ts'

const json = (schema: unknown): object => ({ content: { 'application/json': { schema } } })
const reply = (status: number, schema?: unknown): object => ({
  [status]: { description: '', ...(schema === undefined ? {} : json(schema)) },
})
const booking = { $ref: '#/components/schemas/Booking' }
const id = { name: 'bookingId', in: 'path', required: true, schema: { type: 'string' } }

function bookings(): LoadedContract {
  return contractOf({
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    security: [],
    paths: {
      '/bookings': {
        get: {
          operationId: 'list',
          parameters: [{ name: 'q', in: 'query', schema: { type: 'string' } }],
          responses: reply(200, { type: 'object', properties: { data: { type: 'array', items: booking } } }),
        },
        post: {
          operationId: 'create',
          requestBody: json({ type: 'object' }),
          responses: reply(201, booking),
        },
      },
      '/bookings/{bookingId}': {
        get: { operationId: 'read', parameters: [id], responses: reply(200, booking) },
        patch: { operationId: 'change', parameters: [id], responses: reply(200, booking) },
        delete: { operationId: 'cancel', parameters: [id], responses: reply(204) },
      },
      '/payments': {
        post: {
          operationId: 'pay',
          requestBody: json({
            type: 'object',
            properties: {
              bookingId: { type: 'string' },
              items: {
                type: 'array',
                items: { type: 'object', properties: { bookingId: { type: 'string' } } },
              },
            },
          }),
          responses: reply(204),
        },
      },
      '/reports': {
        get: {
          operationId: 'report',
          parameters: [
            {
              name: 'bookingIds',
              in: 'query',
              schema: { type: 'array', items: { type: 'string' } },
              explode: false,
            },
          ],
          responses: reply(204),
        },
      },
    },
    components: {
      schemas: {
        Booking: {
          type: 'object',
          properties: {
            id: { type: 'string' },
            userId: { type: 'string' },
            self: { type: 'string', format: 'uri' },
          },
        },
      },
    },
  })
}

interface Trial {
  readonly ledger: Ledger
  /** A call of a user; `body`: what it sends, `answer`: what the upstream replies when it is let through. */
  call(
    user: string,
    operation: string,
    parts?: {
      readonly params?: Record<string, string>
      readonly query?: readonly (readonly [string, string])[]
      readonly body?: unknown
      readonly answer?: readonly [status: number, value?: unknown, location?: string]
      readonly roles?: readonly string[]
    },
  ): Denial | undefined
  wait(ms: number): void
}

function trial(rule: Partial<LearnedRule> = {}): Trial {
  const contract = bookings()
  let now = Date.now()
  const clock = { now: () => now, monotonic: () => now }
  const store = createMemoryLedger({ secret: randomBytes(16) })
  const ledger = ledgerWith(contract, store, [learnedRule('booking', rule)], clock)
  return {
    ledger,
    wait: (ms) => {
      now += ms
    },
    call(user, operation, { params, query = [], body, answer, roles = [] } = {}) {
      const declared = contract.operations.find((one) => one.id === operation) as Operation
      const call = makeCall(declared, {
        principal: makePrincipal(user, { roles }),
        ...(params !== undefined && { params }),
        pairs: query.map(([name, value]) => ({ name, value })),
      })
      const head = ledger.run(call)
      assert.ok(!(head instanceof Promise))
      if (isDenied(head)) return head
      const inspected = makeInspected(call, body)
      const input = ledger.runInput(inspected)
      if (isDenied(input)) return input
      if (answer !== undefined) ledger.lesson(inspected)?.run(answer[0], answer[1], answer[2])
      return undefined
    },
  }
}

const of = (bookingId: string): { params: { bookingId: string } } => ({ params: { bookingId } })
const list = (...ids: string[]): { answer: [number, unknown] } => ({
  answer: [200, { data: ids.map((one) => ({ id: one })) }],
})

test('attack: an id that was never given is refused, by path, body, list and comma', () => {
  const { call, ledger } = trial()
  call('a', 'list', list('b1', 'b2'))
  assert.equal(call('a', 'read', of('b1')), undefined)
  assert.equal(call('x', 'read', of('b1'))?.code, 'AUTHORIZE_OBJECT')
  assert.equal(call('x', 'cancel', of('b1'))?.code, 'AUTHORIZE_OBJECT')
  assert.equal(call('x', 'pay', { body: { bookingId: 'b1' } })?.code, 'AUTHORIZE_OBJECT')
  assert.equal(call('a', 'pay', { body: { bookingId: 'b1', items: [{ bookingId: 'b2' }] } }), undefined)
  assert.equal(
    call('a', 'pay', { body: { items: [{ bookingId: 'b2' }, { bookingId: 'b3' }] } })?.code,
    'AUTHORIZE_OBJECT',
    'one foreign id refuses all',
  )
  assert.equal(call('a', 'report', { query: [['bookingIds', 'b1,b2']] }), undefined)
  assert.equal(call('a', 'report', { query: [['bookingIds', 'b1,b9']] })?.code, 'AUTHORIZE_OBJECT')
  assert.equal(
    call('a', 'report', {
      query: [
        ['bookingIds', 'b1'],
        ['bookingIds', 'b9'],
      ],
    })?.code,
    'AUTHORIZE_OBJECT',
  )
  assert.equal(ledger.misses('travel', { issuer: 'travel', sub: 'x' }), 3)
})

test('look-alikes of an id that was given are other ids (Z02)', () => {
  const { call } = trial()
  call('a', 'list', list('123', 'ab-cd'))
  for (const like of ['0123', '123.0', ' 123', '123 ', '123\0', '1230', 'AB-CD', '123,', ''])
    assert.equal(call('a', 'read', of(like))?.code, 'AUTHORIZE_OBJECT', JSON.stringify(like))
  for (const value of [{ $ne: null }, [], ['123'], true, { id: '123' }])
    assert.equal(
      call('a', 'pay', { body: { bookingId: value } })?.code,
      'AUTHORIZE_OBJECT',
      JSON.stringify(value),
    )
  assert.equal(call('a', 'pay', { body: { bookingId: null } }), undefined)
})

test('what somebody makes is theirs, by reply and by Location; deleting takes it away', () => {
  const { call } = trial()
  call('a', 'create', { body: {}, answer: [201, { id: 'n1' }] })
  call('a', 'create', { body: {}, answer: [201, undefined, '/bookings/n2'] })
  call('a', 'create', { body: {}, answer: [201, undefined, 'https://api.example/bookings/n3?x=1'] })
  for (const made of ['n1', 'n2', 'n3']) assert.equal(call('a', 'change', of(made)), undefined, made)
  assert.equal(call('x', 'read', of('n1'))?.code, 'AUTHORIZE_OBJECT')
  call('a', 'cancel', { ...of('n1'), answer: [204] })
  assert.equal(call('a', 'read', of('n1'))?.code, 'AUTHORIZE_OBJECT')
})

test('a failed deletion takes nothing away, an error reply gives nothing', () => {
  const { call } = trial()
  call('a', 'list', list('b1'))
  call('a', 'cancel', { ...of('b1'), answer: [409, { id: 'b7' }] })
  assert.equal(call('a', 'read', of('b1')), undefined)
  assert.equal(call('a', 'read', of('b7'))?.code, 'AUTHORIZE_OBJECT')
})

test('shared ownership: what is shown to one is not taken from another', () => {
  const { call } = trial()
  call('a', 'create', { body: {}, answer: [201, { id: 's' }] })
  call('b', 'list', list('s'))
  assert.equal(call('a', 'read', of('s')), undefined)
  assert.equal(call('b', 'change', of('s')), undefined)
  call('b', 'cancel', { ...of('s'), answer: [204] })
  assert.equal(call('a', 'read', of('s')), undefined)
})

test('a principal, not a token: another credential of the same subject knows what it was given', () => {
  const contract = bookings()
  const store = createMemoryLedger({ secret: randomBytes(16) })
  const ledger = ledgerWith(contract, store, [learnedRule('booking')])
  const operation = (name: string): Operation =>
    contract.operations.find((one) => one.id === name) as Operation
  const before = makeCall(operation('list'), { principal: makePrincipal('a', { credential: 'one' }) })
  ledger.lesson(makeInspected(before, undefined))?.run(200, { data: [{ id: 'b1' }] }, undefined)
  const after = (issuer: string): object =>
    ledger.run(
      makeCall(operation('read'), {
        principal: makePrincipal('a', { credential: 'two', issuer }),
        params: { bookingId: 'b1' },
      }),
    )
  assert.ok(!isDenied(after('travel')))
  assert.ok(isDenied(after('other')), 'the same subject of another issuer is somebody else')
})

test('observe: passes and is counted, and does not make the foreign object one’s own', () => {
  const { call, ledger } = trial({ mode: 'observe' })
  for (let i = 0; i < 3; i++)
    assert.equal(
      call('x', 'read', { ...of('b1'), answer: [200, { id: 'b1', self: '/bookings/b1' }] }),
      undefined,
    )
  assert.equal(ledger.misses('travel', { issuer: 'travel', sub: 'x' }), 3)
  call('x', 'list', { query: [['q', 'b5']], answer: [200, { data: [{ id: 'b5' }] }] })
  call('x', 'read', of('b5'))
  assert.equal(
    ledger.misses('travel', { issuer: 'travel', sub: 'x' }),
    4,
    'an echo of a search text gives nothing',
  )
})

test('private: what one made is not given to who is merely shown it', () => {
  const { call } = trial({ kind: 'private' })
  call('a', 'create', { body: {}, answer: [201, { id: 'p' }] })
  call('b', 'list', list('p', 'old'))
  assert.equal(call('b', 'read', of('p'))?.code, 'AUTHORIZE_OBJECT')
  assert.equal(call('b', 'read', of('old')), undefined)
  assert.equal(call('a', 'read', of('p')), undefined)
  call('c', 'list', { answer: [200, { data: [{ id: 'p', userId: 'c' }] }] })
  assert.equal(call('c', 'read', of('p')), undefined, 'a reply that names them as owner gives it')
})

test('public-read: anybody reads what was shown to anybody; only makers and owners change it', () => {
  const { call } = trial({ kind: 'public-read' })
  call('a', 'create', { body: {}, answer: [201, { id: 'p' }] })
  call('b', 'list', {
    answer: [
      200,
      {
        data: [
          { id: 'p', userId: 'a' },
          { id: 'mine', userId: 'b' },
        ],
      },
    ],
  })
  assert.equal(call('c', 'read', of('p')), undefined)
  assert.equal(call('c', 'read', of('unseen'))?.code, 'AUTHORIZE_OBJECT')
  assert.equal(call('b', 'change', of('p'))?.code, 'AUTHORIZE_OBJECT')
  assert.equal(call('a', 'change', of('p')), undefined)
  assert.equal(call('b', 'change', of('mine')), undefined)
})

test('expiry, exceptions, selected teachers, hidden refusals', () => {
  const short = trial({ expiryMs: 3_600_000 })
  short.call('a', 'list', list('b1'))
  short.wait(2 * 3_600_000)
  assert.equal(short.call('a', 'read', of('b1'))?.code, 'AUTHORIZE_OBJECT')
  const { call } = trial({ allow: "'support' in caller.roles", hidden: 404, from: new Set([1]) })
  assert.equal(call('s', 'read', { ...of('b1'), roles: ['support'] }), undefined)
  call('a', 'list', list('b1'))
  assert.equal(call('a', 'read', of('b1'))?.code, 'AUTHORIZE_NOT_FOUND', 'lists give nothing here')
  call('a', 'create', { body: {}, answer: [201, { id: 'n1' }] })
  assert.equal(call('a', 'read', of('n1')), undefined)
})

test('a person’s own id needs no reply', () => {
  const contract = contractOf({
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    paths: {
      '/users/{userId}': {
        get: {
          parameters: [{ name: 'userId', in: 'path', required: true, schema: { type: 'string' } }],
          responses: reply(200, { type: 'object', properties: { userId: { type: 'string' } } }),
        },
      },
    },
  })
  const ledger = ledgerWith(contract, createMemoryLedger({ secret: randomBytes(16) }), [learnedRule('user')])
  const read = (userId: string): object =>
    ledger.run(
      makeCall(contract.operations[0] as Operation, { principal: makePrincipal('7'), params: { userId } }),
    )
  assert.ok(!isDenied(read('7')))
  assert.ok(isDenied(read('8')))
})

test('a type that no reply gives, or that is learned twice, stops the start; one that nobody asks for is named', () => {
  const contract = contractOf({
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    paths: {
      '/tickets/{ticketId}': {
        get: {
          parameters: [{ name: 'ticketId', in: 'path', required: true, schema: { type: 'string' } }],
          responses: reply(204),
        },
      },
    },
  })
  const store = createMemoryLedger({ secret: randomBytes(16) })
  assert.equal(ledgerWith(contract, store, [learnedRule('ticket')]).findings[0]?.severity, 'error')
  assert.match(
    ledgerWith(contract, store, [learnedRule('seat')]).findings[0]?.message ?? '',
    /nothing to check/,
  )
  assert.throws(
    () => ledgerWith(contract, store, [learnedRule('ticket'), learnedRule('pass', { type: 'ticket' })]),
    Unusable,
  )
})

test('at most 5 µs a check', (t) => {
  const { call } = trial()
  call('a', 'list', list(...Array.from({ length: 100 }, (_, i) => `b${i}`)))
  const contract = bookings()
  const ledger = ledgerWith(contract, createMemoryLedger({ secret: randomBytes(16) }), [
    learnedRule('booking'),
  ])
  const operation = contract.operations.find((one) => one.id === 'read') as Operation
  const calls = Array.from({ length: 500 }, (_, i) =>
    makeCall(operation, { principal: makePrincipal(`u${i}`), params: { bookingId: `b${i}` } }),
  )
  for (const one of calls) ledger.lesson(makeInspected(one, undefined))?.run(201, { id: 'other' }, undefined)
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    const start = performance.now()
    for (let i = 0; i < 20_000; i++) {
      const one = calls[i % 500] as (typeof calls)[number]
      ledger.run(one)
      one.trail.notes.length = 0
    }
    best = Math.min(best, ((performance.now() - start) * 1000) / 20_000)
  }
  t.diagnostic(`${best.toFixed(2)} µs a check`)
  assert.ok(best <= 5)
})
