import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contractOf } from '../../src/contract/contract.fixture.ts'
import { readContract } from '../../src/contract/load-contract.ts'
import type { IdMark, ObjectIds } from '../../src/contract/objects/id-map.ts'
import { isTechnicalId } from '../../src/contract/objects/id-name.ts'
import { objectLikeParameters } from '../../src/stages/authorize/object-like.ts'
import { type CaseRow, readCases } from '../cases.ts'
import { documentFile } from '../support/document-file.ts'

interface DocumentRow extends CaseRow {
  readonly repo: string
  readonly path: string
  readonly format: string
  readonly document?: string
  readonly document_file?: string
}

const named = /(?:^|[a-z_-])(?:id|ids|uuid|guid|sid|Id|Ids|ID|UUID|Uuid|Sid)$/

test('real documents: at least 90 % of id parameters get an object type', (t) => {
  const rows = readCases<DocumentRow>(t, 'openapi/openapi_docs')
  if (rows.length === 0) return
  const sure = { certain: 0, likely: 0, guess: 0 }
  let parameters = 0
  let typed = 0
  let replies = 0
  let unsure = 0
  let slowest = 0
  for (const row of rows) {
    const contract = readContract({ file: documentFile(row), api: 'case', budgetMs: 0 })
    const start = performance.now()
    const ids = contract.objectIds()
    slowest = Math.max(slowest, performance.now() - start)
    unsure += ids.unsure.length
    for (const operation of contract.operations) {
      const found = ids.operations.get(operation.slot)?.parameters ?? []
      const likeIds = new Set([
        ...objectLikeParameters(operation),
        ...operation.parameters.filter(
          ({ in: where, name }) => named.test(name) && (where === 'path' || !isTechnicalId(name)),
        ),
      ])
      for (const parameter of likeIds) {
        parameters++
        const name = parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name
        const mark = found.find((one) => one.in === parameter.in && one.name === name)
        if (mark === undefined) continue
        typed++
        sure[mark.confidence]++
      }
      replies += ids.places(operation.slot).filter(({ place }) => place.startsWith('reply')).length
    }
  }
  const share = typed / parameters
  t.diagnostic(
    `${rows.length} documents, ${parameters} id parameters: ${(share * 100).toFixed(1)} % typed (${sure.certain} certain, ${sure.likely} likely, ${sure.guess} guessed), ${unsure} to be asked for`,
  )
  t.diagnostic(`${replies} places in replies; slowest document ${Math.round(slowest)} ms`)
  assert.ok(share >= 0.9, `${typed} of ${parameters}`)
  assert.ok((sure.certain + sure.likely) / parameters >= 0.9)
})

const at = (ids: ObjectIds, slot: number): Map<string, IdMark> =>
  new Map(ids.places(slot).map(({ place, ...mark }) => [place, mark]))

const json = (schema: unknown): unknown => ({ content: { 'application/json': { schema } } })

/** A contract of these paths and schemas; `types` is `place → type` of its first operation. */
function idsOf(paths: unknown, schemas: unknown = {}): ObjectIds {
  return contractOf({
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    paths,
    components: { schemas },
  }).objectIds()
}

function typesAt(ids: ObjectIds, slot: number): Record<string, string> {
  return Object.fromEntries([...at(ids, slot)].map(([place, { type }]) => [place, type]))
}

const path = (...names: string[]): unknown[] =>
  names.map((name) => ({ in: 'path', name, required: true, schema: { type: 'string' } }))

test('names, collections and numbers: one type however it is spelt', () => {
  const templates: Record<string, string> = {
    '/bookings/{bookingId}': 'booking',
    '/a/bookings/{booking_id}': 'booking',
    '/b/Bookings/{booking-uuid}': 'booking',
    '/c/bookings/{id}': 'booking',
    '/d/categories/{id}': 'category',
    '/e/people/{person}': 'person',
    '/f/addresses/{uuid}': 'address',
    '/g/user-groups/{groupId}': 'userGroup',
    '/h/Calls/{Sid}.json': 'call',
    '/i/users/{username}': 'user',
    '/j/payment_intents/{intent}': 'paymentIntent',
    '/k/{parentFolderId}': 'folder',
  }
  for (const [template, type] of Object.entries(templates)) {
    const name = /\{([^}]+)\}/.exec(template)?.[1] ?? ''
    const ids = idsOf({
      [template]: { get: { parameters: path(name), responses: { 204: { description: '' } } } },
    })
    assert.equal(ids.operations.get(0)?.parameters[0]?.type, type, template)
  }
})

test('parents in the path keep their own types; versions, formats and call ids have none', () => {
  const ids = idsOf({
    '/v{version}/users/{userId}/bookings/{bookingId}/export.{format}': {
      get: {
        parameters: [
          ...path('version', 'userId', 'bookingId', 'format'),
          { in: 'header', name: 'X-Request-Id', schema: { type: 'string' } },
          { in: 'query', name: 'page', schema: { type: 'integer' } },
        ],
        responses: { 204: { description: '' } },
      },
    },
  })
  assert.deepEqual(typesAt(ids, 0), { 'path.userId': 'user', 'path.bookingId': 'booking' })
})

test('replies: own ids, references, envelopes, lists, nested objects, references by name, recursion', () => {
  const ids = idsOf(
    {
      '/bookings': {
        get: {
          parameters: [{ in: 'query', name: 'userId', schema: { type: 'string' } }],
          responses: {
            200: { description: '', ...(json({ $ref: '#/components/schemas/BookingPage' }) as object) },
          },
        },
        post: {
          requestBody: json({
            type: 'object',
            properties: { tripId: { type: 'integer' }, note: { type: 'string' } },
          }),
          responses: {
            201: { description: '', ...(json({ $ref: '#/components/schemas/Booking' }) as object) },
          },
        },
      },
      '/bookings/{id}': {
        delete: { parameters: path('id'), responses: { 204: { description: '' } } },
      },
      '/users/{userId}': { get: { parameters: path('userId'), responses: { 204: { description: '' } } } },
    },
    {
      BookingPage: {
        type: 'object',
        properties: {
          data: { type: 'array', items: { $ref: '#/components/schemas/Booking' } },
          next: { type: 'string' },
          total: { type: 'integer' },
        },
      },
      Booking: {
        type: 'object',
        properties: {
          id: { type: 'integer' },
          user_id: { type: 'string' },
          guestIds: { type: 'array', items: { type: 'string' } },
          invoice: { type: 'object', properties: { id: { type: 'string' }, total: { type: 'number' } } },
          related: { type: 'array', items: { $ref: '#/components/schemas/Booking' } },
          paid: { type: 'boolean' },
        },
      },
    },
  )
  const list = typesAt(ids, 0)
  assert.equal(list['reply 200/data/*/id'], 'booking')
  assert.equal(list['reply 200/data/*/user_id'], 'user')
  assert.equal(list['reply 200/data/*/guestIds/*'], 'guest')
  assert.equal(list['reply 200/data/*/invoice/id'], 'invoice')
  assert.equal(list['query.userId'], 'user')
  assert.equal(ids.operations.get(0)?.reply(200)?.members.get('next')?.link, true)
  const made = typesAt(ids, 1)
  assert.equal(made['body/tripId'], 'trip')
  assert.equal(made['body/note'], undefined)
  assert.equal(made['reply 201/id'], 'booking')
  assert.equal(ids.operations.get(1)?.creates, 'booking')
  assert.equal(ids.operations.get(2)?.removes?.name, 'id')
  const root = ids.operations.get(1)?.reply(201)
  assert.equal(root?.owner, 'user_id')
  const nested = root?.members.get('related')?.items
  assert.equal(nested?.members.get('related')?.items, nested, 'a shape that contains itself is a loop')
})

test('an id schema, a link, and the contract’s own word decide', () => {
  const ids = idsOf(
    {
      '/search': {
        get: {
          parameters: [{ in: 'query', name: 'account', schema: { $ref: '#/components/schemas/UserId' } }],
          responses: {
            200: {
              description: '',
              ...(json({
                type: 'object',
                properties: {
                  locator: { type: 'string' },
                  code: { type: 'string', 'x-sallyport': { object: 'coupon' } },
                },
              }) as object),
              links: { Read: { operationId: 'r', parameters: { bookingId: '$response.body#/locator' } } },
            },
          },
        },
      },
      '/bookings/{bookingId}': {
        get: { operationId: 'r', parameters: path('bookingId'), responses: { 204: { description: '' } } },
      },
    },
    { UserId: { type: 'string' } },
  )
  assert.deepEqual(typesAt(ids, 0), {
    'query.account': 'user',
    'reply 200/code': 'coupon',
    'reply 200/locator': 'booking',
  })
})

test('what only resembles an id is listed, with the line to add; the line decides', () => {
  const contract = contractOf({
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    paths: {
      '/reviews/{destination}': {
        get: { parameters: path('destination'), responses: { 204: { description: '' } } },
      },
    },
  })
  const [unsure] = contract.objectIds().unsure
  assert.equal(unsure?.place, 'path.destination')
  assert.equal(unsure?.line, 'review: { ids: ["path.destination"] }')
  const told = contract.objectIds([{ type: 'city', place: 'path.destination' }])
  assert.equal(told.operations.get(0)?.parameters[0]?.type, 'city')
  assert.equal(told.unsure.length, 0)
})
