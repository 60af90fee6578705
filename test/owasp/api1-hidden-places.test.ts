import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { contractOf } from '../../src/contract/contract.fixture.ts'
import type { LoadedContract } from '../../src/contract/load-contract.ts'
import { createIdSealer } from '../../src/crypto/id-sealer.ts'
import type { Identified } from '../../src/kernel/facts.ts'
import { Unusable } from '../../src/kernel/finding.ts'
import type { Operation } from '../../src/kernel/operation.ts'
import { isDenied } from '../../src/kernel/verdict.ts'
import { compileSealing } from '../../src/stages/authorize/sealing/compile-sealing.ts'
import { createSealing } from '../../src/stages/authorize/sealing/create-sealing.ts'
import { createMemoryLedger } from '../../src/stores/memory/ledger-store.ts'
import { learnedRule, ledgerWith, sealingApiWith } from '../support/ledger-with.ts'
import { makeCall, makeInspected, makePrincipal } from '../support/make-call.ts'

// OWASP API1:2023: ids where a careless reader does not look for them. What cannot be read is refused (rows Z01, Z02).

const text = { type: 'string' }
const object = (properties: object): object => ({ type: 'object', properties })
const media = (types: Record<string, object>): object => ({
  content: Object.fromEntries(Object.entries(types).map(([type, schema]) => [type, { schema }])),
})
const json = (schema: object): object => media({ 'application/json': schema })
const booking = { $ref: '#/components/schemas/Booking' }
const id = { name: 'bookingId', in: 'path', required: true, schema: text }
const done = { 204: { description: '' } }
const page = object({ website: { type: 'string', format: 'uri' }, href: text, about: text })
const naming = object({ bookingId: text, note: text })

function contractWith(paths: object = {}): LoadedContract {
  return contractOf({
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    security: [],
    paths: {
      '/bookings': {
        get: {
          operationId: 'list',
          parameters: [
            {
              name: 'filter',
              in: 'query',
              style: 'deepObject',
              explode: true,
              schema: object({ bookingId: text, bookingIds: { type: 'array', items: text } }),
            },
            { name: 'about', in: 'query', schema: object({ bookingId: text }) },
          ],
          responses: { 200: { description: '', ...json({ type: 'array', items: booking }) } },
        },
        post: {
          operationId: 'create',
          requestBody: json(object({ id: text, parentBookingId: text, originalId: text })),
          responses: { 201: { description: '', ...json(booking) } },
        },
      },
      '/bookings/search': {
        post: {
          operationId: 'search',
          requestBody: json(object({ bookingId: text })),
          responses: { 200: { description: '', ...json(booking) } },
        },
      },
      '/bookings/{bookingId}': {
        get: {
          operationId: 'read',
          parameters: [id],
          responses: { 200: { description: '', ...json(booking) } },
        },
        patch: {
          operationId: 'change',
          parameters: [id],
          requestBody: media({
            'application/json-patch+json': { type: 'array', items: { type: 'object' } },
            'application/merge-patch+json': booking,
          }),
          responses: done,
        },
      },
      '/payments': {
        post: {
          operationId: 'pay',
          requestBody: media({
            'application/json': naming,
            'multipart/form-data': naming,
            'application/x-ndjson': naming,
          }),
          responses: done,
        },
      },
      '/profile': {
        get: { operationId: 'profile', responses: { 200: { description: '', ...json(page) } } },
        put: { operationId: 'present', requestBody: json(page), responses: done },
      },
      ...paths,
    },
    components: {
      schemas: {
        Booking: object({
          id: text,
          userId: text,
          href: text,
          site: { type: 'string', format: 'uri' },
          note: text,
          parentBookingId: text,
          legs: { type: 'array', items: object({ bookingId: text }) },
        }),
      },
    },
  })
}

const contract = contractWith()
const caller = { principal: makePrincipal('alice') }
const operation = (name: string): Operation => contract.operations.find((one) => one.id === name) as Operation
const pairs = (text: string): { name: string; value: string }[] =>
  [...new URLSearchParams(text)].map(([name, value]) => ({ name, value }))
const typed = (type: string): { fields: readonly string[] } => ({ fields: ['content-type', type] })
const patchType = 'application/json-patch+json'

describe('learned ids in hidden places (Z01)', () => {
  const store = createMemoryLedger({ secret: randomBytes(16) })
  const ledger = ledgerWith(contract, store, [learnedRule('booking')])
  const learn = makeInspected(makeCall(operation('list'), caller), undefined)
  ledger.lesson(learn)?.run(200, [{ id: 'bk_mine' }], undefined)

  const say = (
    name: string,
    parts: Partial<Parameters<typeof makeCall>[1]>,
    value?: unknown,
    type = 'application/json',
  ): string => {
    const call = makeCall(operation(name), { ...caller, ...typed(type), ...parts })
    const head = ledger.run(call)
    assert.ok(!(head instanceof Promise))
    if (isDenied(head)) return head.code
    const inspected = makeInspected(call, value)
    const body = type === 'application/x-ndjson' ? Buffer.from('{}') : undefined
    const input = ledger.runInput({ ...inspected, input: { value, body, mediaType: type } })
    return isDenied(input) ? input.code : 'passes'
  }
  const path = (bookingId: string): { params: Record<string, string> } => ({ params: { bookingId } })

  it('members of an object in the query, with and without brackets', () => {
    for (const name of [
      'filter[bookingId]',
      'filter[bookingIds]',
      'filter[bookingIds][]',
      'filter[bookingIds][0]',
      'bookingId',
    ]) {
      assert.equal(say('list', { pairs: [{ name, value: 'bk_mine' }] }), 'passes', name)
      assert.equal(say('list', { pairs: [{ name, value: 'bk_hers' }] }), 'AUTHORIZE_OBJECT', name)
    }
    assert.equal(
      say('list', { pairs: pairs('filter[bookingIds][]=bk_mine&filter[bookingIds][]=bk_hers') }),
      'AUTHORIZE_OBJECT',
    )
  })

  it('who makes an object may choose its id, and not refer to another of its kind', () => {
    assert.equal(say('create', {}, { id: 'bk_new' }), 'passes')
    assert.equal(say('create', {}, { parentBookingId: 'bk_mine', originalId: 'bk_mine' }), 'passes')
    assert.equal(say('create', {}, { parentBookingId: 'bk_hers' }), 'AUTHORIZE_OBJECT')
    assert.equal(say('create', {}, { originalId: 'bk_hers' }), 'AUTHORIZE_OBJECT')
  })

  it('a search by POST makes nothing: its ids are checked, and what it shows is not one’s own', () => {
    assert.equal(say('search', {}, { bookingId: 'bk_mine' }), 'passes')
    assert.equal(say('search', {}, { bookingId: 'bk_hers' }), 'AUTHORIZE_OBJECT')
    const ids = contract.objectIds().operations
    assert.equal(ids.get(operation('search').slot)?.creates, undefined)
    assert.equal(ids.get(operation('create').slot)?.creates, 'booking')
  })

  it('a JSON Patch and a merge patch', () => {
    const patch = (...changes: object[]): string => say('change', path('bk_mine'), changes, patchType)
    assert.equal(patch({ op: 'replace', path: '/note', value: 'bk_hers' }), 'passes')
    assert.equal(patch({ op: 'replace', path: '/parentBookingId', value: 'bk_mine' }), 'passes')
    for (const change of [
      { op: 'replace', path: '/parentBookingId', value: 'bk_hers' },
      { op: 'add', path: '/legs/-', value: { bookingId: 'bk_hers' } },
      { op: 'add', path: '/legs/0/bookingId', value: 'bk_hers' },
      { op: 'replace', path: '', value: { parentBookingId: 'bk_hers' } },
      { op: 'test', path: '/parentBookingId', value: 'bk_hers' },
      // What stands in a note was never judged as an id.
      { op: 'copy', from: '/note', path: '/parentBookingId' },
      { op: 'move', from: '/note', path: '/legs/0/bookingId' },
    ])
      assert.equal(
        patch({ op: 'replace', path: '/note', value: 'x' }, change),
        'AUTHORIZE_OBJECT',
        JSON.stringify(change),
      )
    assert.equal(patch({ op: 'move', from: '/legs/0', path: '/legs/1' }), 'passes')
    const merge = (value: object): string =>
      say('change', path('bk_mine'), value, 'application/merge-patch+json')
    assert.equal(merge({ parentBookingId: 'bk_mine' }), 'passes')
    assert.equal(merge({ parentBookingId: 'bk_hers' }), 'AUTHORIZE_OBJECT')
    assert.equal(merge({ parentBookingId: null }), 'passes')
  })

  it('a multipart field is read, lines of JSON are refused unread, and the start says so', () => {
    assert.equal(say('pay', {}, { bookingId: 'bk_mine' }, 'multipart/form-data; boundary=b'), 'passes')
    assert.equal(
      say('pay', {}, { bookingId: 'bk_hers' }, 'multipart/form-data; boundary=b'),
      'AUTHORIZE_OBJECT',
    )
    assert.equal(say('pay', {}, undefined, 'application/x-ndjson'), 'AUTHORIZE_OBJECT')
    assert.deepEqual(
      ledger.findings.map(({ rule, severity, message }) => [rule, severity, message]),
      [
        [
          'config.unread-ids',
          'note',
          'POST /payments: ids of "booking" in application/x-ndjson body cannot be read, so such calls are refused',
        ],
      ],
    )
  })

  it('a URL of the API is the id of what it leads to, and a stored one gives nothing', () => {
    const put = (value: object): string => say('present', {}, value)
    for (const name of ['website', 'href'])
      for (const url of ['/bookings/bk_hers', 'https://api.example/bookings/bk_hers?x=1'])
        assert.equal(put({ [name]: url }), 'AUTHORIZE_OBJECT', `${name} ${url}`)
    assert.equal(
      put({ href: '/bookings/bk_mine', website: 'https://alice.example/about', about: '/bookings/bk_hers' }),
      'passes',
    )
    // Stored in a text of no meaning to the gate, and shown where only the format says that it is a URL.
    const shown = makeInspected(makeCall(operation('list'), caller), undefined)
    ledger.lesson(shown)?.run(200, [{ site: 'https://api.example/bookings/bk_hers' }], undefined)
    assert.equal(say('read', path('bk_hers')), 'AUTHORIZE_OBJECT')
    ledger.lesson(shown)?.run(200, [{ href: '/bookings/bk_linked' }], undefined)
    assert.equal(say('read', path('bk_linked')), 'passes', 'where the API itself leads')
  })

  it('an object that is packed into one text is named as an open door', () => {
    const packing = contractWith({
      '/reports': {
        get: {
          operationId: 'report',
          parameters: [
            {
              name: 'where',
              in: 'query',
              content: { 'application/json': { schema: object({ bookingId: text }) } },
            },
          ],
          responses: done,
        },
      },
    })
    const { findings } = ledgerWith(packing, store, [learnedRule('booking')])
    assert.ok(
      findings.some(
        ({ rule, message }) => rule === 'open-door.unread-ids' && message.includes('query.where'),
      ),
    )
  })
})

describe('sealed ids in hidden places (Z01)', () => {
  const sealer = createIdSealer([Buffer.alloc(32, 7)])
  const seal = (plain: string, sub = 'alice'): string =>
    sealer.scope({ api: 'travel', type: 'booking', issuer: 'travel', sub }).seal(plain)
  const sealing = createSealing({ apis: [sealingApiWith(contract, ['booking'])], sealer })
  const open = (query: string): Identified | 'refused' => {
    const call = makeCall(operation('list'), { ...caller, pairs: pairs(query) })
    const opened = sealing.open({ ...call, query })
    return 'verdict' in opened ? 'refused' : opened
  }
  const body = (
    name: string,
    type: string,
    value: unknown,
    kind: 'json' | 'multipart' | 'binary' = 'json',
  ): unknown => {
    const call = makeCall(operation(name), { ...caller, ...typed(type) })
    const opened = sealing.openBody(call, { kind, range: type }, Buffer.from(JSON.stringify(value)), 64)
    return isDenied(opened) ? 'refused' : JSON.parse(Buffer.from(opened).toString())
  }

  it('members of an object in the query', () => {
    const query = `filter[bookingId]=${seal('bk_1')}&filter[bookingIds][0]=${seal('bk_2')}`
    const opened = open(query)
    assert.ok(opened !== 'refused')
    assert.deepEqual(
      opened.pairs.map(({ value }) => value),
      ['bk_1', 'bk_2'],
    )
    for (const value of ['bk_1', seal('bk_1', 'bob')]) {
      const foreign = `filter[bookingIds][0]=${value}`
      assert.equal(open(foreign), 'refused', value)
    }
  })

  it('references of a creation, and patches', () => {
    assert.deepEqual(body('create', 'application/json', { id: 'bk_new', parentBookingId: seal('bk_1') }), {
      id: 'bk_new',
      parentBookingId: 'bk_1',
    })
    assert.equal(body('create', 'application/json', { parentBookingId: 'bk_1' }), 'refused')
    const change = (value: unknown): object[] => [{ op: 'add', path: '/legs/-', value: { bookingId: value } }]
    assert.deepEqual(body('change', patchType, change(seal('bk_1'))), change('bk_1'))
    assert.equal(body('change', patchType, change('bk_1')), 'refused')
    assert.equal(
      body('change', patchType, [{ op: 'copy', from: '/note', path: '/parentBookingId' }]),
      'refused',
    )
  })

  it('URLs in a body', () => {
    const own = `https://api.example/bookings/${seal('bk_1')}#top`
    assert.deepEqual(body('present', 'application/json', { href: own, about: own }), {
      href: 'https://api.example/bookings/bk_1#top',
      about: own,
    })
    for (const url of ['/bookings/bk_1', `/bookings/${seal('bk_1', 'bob')}`])
      assert.equal(body('present', 'application/json', { website: url }), 'refused', url)
    assert.deepEqual(body('present', 'application/json', { website: 'https://alice.example/' }), {
      website: 'https://alice.example/',
    })
  })

  it('bodies in which ids cannot be opened are refused, and the start says so', () => {
    for (const [type, kind] of [
      ['multipart/form-data', 'multipart'],
      ['application/x-ndjson', 'binary'],
    ] as const)
      assert.equal(body('pay', type, {}, kind), 'refused', type)
    const { findings } = compileSealing(sealingApiWith(contract, ['booking']))
    assert.deepEqual(
      findings.map(({ message }) => message),
      [
        'POST /payments: sealed ids of "booking" cannot be opened in multipart/form-data body, which is refused',
        'POST /payments: sealed ids of "booking" cannot be opened in application/x-ndjson body, which is refused',
      ],
    )
  })

  it('where no other body, reply or parameter is declared, it does not start', () => {
    const upload = (type: string): object => ({
      '/uploads': {
        post: { operationId: 'upload', requestBody: media({ [type]: naming }), responses: done },
      },
    })
    const answer = {
      '/lines': {
        get: {
          operationId: 'lines',
          responses: { 200: { description: '', ...media({ 'application/x-ndjson': naming }) } },
        },
      },
    }
    const packed = {
      '/reports': {
        get: {
          operationId: 'report',
          parameters: [{ name: 'where', in: 'query', content: { 'application/json': { schema: naming } } }],
          responses: done,
        },
      },
    }
    for (const [paths, message] of [
      [
        upload('multipart/form-data'),
        'POST /uploads: sealed ids of "booking" cannot be opened in multipart/form-data body',
      ],
      [
        upload('application/xml'),
        'POST /uploads: sealed ids of "booking" cannot be opened in application/xml body',
      ],
      [answer, 'GET /lines: sealed ids of "booking" cannot be sealed in application/x-ndjson reply 200'],
      [packed, 'GET /reports: sealed ids of "booking" cannot be opened in query.where'],
    ] as const)
      assert.throws(
        () => compileSealing(sealingApiWith(contractWith(paths), ['booking'])),
        (error: unknown) =>
          error instanceof Unusable &&
          error.findings.some((one) => one.message === message && one.fix !== undefined),
        message,
      )
  })

  it('a reply that is not JSON where ids are declared does not leave', () => {
    const release = sealing.release(makeInspected(makeCall(operation('list'), caller), undefined))
    assert.equal(release?.blind?.(200, 'text/csv', false)?.code, 'SCREEN_SCHEMA')
    assert.equal(release?.blind?.(200, undefined, false)?.code, 'SCREEN_SCHEMA')
    const none = sealing.release(makeInspected(makeCall(operation('pay'), caller), undefined))
    assert.equal(none?.blind?.(200, 'text/csv', false), undefined)
  })
})
