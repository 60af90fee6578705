import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyErrors, operationOf } from '../contract.fixture.ts'

test('3.0 words: nullable, exclusive bounds, siblings of a reference', () => {
  const operation = operationOf({
    openapi: '3.0.3',
    schemas: { Name: { type: 'string' } },
    body: {
      type: 'object',
      properties: {
        n: { type: 'integer', nullable: true, minimum: 0, exclusiveMinimum: true },
        e: { type: 'string', nullable: true, enum: ['a'] },
        r: { nullable: true, allOf: [{ $ref: '#/components/schemas/Name' }] },
        s: { $ref: '#/components/schemas/Name', maxLength: 1 },
      },
    },
  })
  assert.deepEqual(bodyErrors(operation, { n: null, e: null, r: null, s: 'long' }), [])
  assert.deepEqual(bodyErrors(operation, { n: 0 }), ['exclusiveMinimum /body/n'])
  assert.deepEqual(bodyErrors(operation, { s: null }), ['type /body/s'])
})

test('all errors of a small value are told, never more than twenty', () => {
  const operation = operationOf({
    body: {
      type: 'array',
      items: { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } },
    },
  })
  assert.deepEqual(bodyErrors(operation, [{ a: 'x' }, {}, { a: 1, b: 2 }]), [
    'type /body/0/a',
    'required /body/1/a',
    'undeclared /body/2/b',
  ])
  assert.equal(
    bodyErrors(
      operation,
      Array.from({ length: 100 }, () => ({})),
    ).length,
    20,
  )
  assert.equal(
    bodyErrors(
      operation,
      Array.from({ length: 100_000 }, () => ({})),
    ).length,
    1,
  )
})

test('formats of OpenAPI are enforced', () => {
  const operation = operationOf({
    body: {
      type: 'object',
      properties: Object.fromEntries(
        ['int32', 'int64', 'float']
          .map((f) => [f, { type: f === 'float' ? 'number' : 'integer', format: f }])
          .concat(
            [
              'date',
              'date-time',
              'uuid',
              'email',
              'uri',
              'ipv4',
              'ipv6',
              'hostname',
              'byte',
              'password',
              'binary',
              'madeUp',
            ].map((f) => [f, { type: 'string', format: f }]),
          ),
      ),
    },
  })
  const good = {
    int32: 2147483647,
    int64: 2 ** 53,
    float: 1.5,
    date: '2024-02-29',
    'date-time': '2024-02-29T12:00:00Z',
    uuid: '123e4567-e89b-12d3-a456-426614174000',
    email: 'a.b@example.com',
    uri: 'https://example.com/a?b#c',
    ipv4: '10.0.0.1',
    ipv6: '::1',
    hostname: 'a.example',
    byte: 'aGk=',
    password: 'x',
    binary: 'x',
    madeUp: 'x',
  }
  assert.deepEqual(bodyErrors(operation, good), [])
  const bad = {
    int32: 2147483648,
    float: 1e39,
    date: '2023-02-29',
    'date-time': '2024-02-29 12:00:00Z',
    uuid: 'x',
    email: 'a@b@',
    uri: '/a',
    ipv4: '010.0.0.1',
    ipv6: 'fe80::1%eth0',
    hostname: '-a',
    byte: 'a',
  }
  assert.deepEqual(
    bodyErrors(operation, bad).sort(),
    Object.keys(bad)
      .map((k) => `format /body/${k}`)
      .sort(),
  )
})

test('equal items are found in linear time', () => {
  const operation = operationOf({ body: { type: 'array', uniqueItems: true, items: { type: 'object' } } })
  assert.deepEqual(
    bodyErrors(operation, [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ]),
    ['uniqueItems /body'],
  )
  const start = performance.now()
  assert.deepEqual(
    bodyErrors(
      operation,
      Array.from({ length: 50_000 }, (_, i) => ({ i })),
    ),
    [],
  )
  assert.ok(performance.now() - start < 1_000)
})

test('alternatives that recurse end by a budget, not by patience', () => {
  const operation = operationOf({
    schemas: {
      Tree: {
        oneOf: [
          {
            type: 'object',
            properties: { left: { $ref: '#/components/schemas/Tree' }, a: { type: 'integer' } },
            required: ['a'],
          },
          {
            type: 'object',
            properties: { left: { $ref: '#/components/schemas/Tree' }, b: { type: 'integer' } },
            required: ['b'],
          },
        ],
      },
    },
    body: { $ref: '#/components/schemas/Tree' },
  })
  let value: unknown = { a: 1 }
  for (let i = 0; i < 60; i++) value = { left: value, c: 1 }
  const start = performance.now()
  assert.notDeepEqual(bodyErrors(operation, value), [])
  assert.ok(performance.now() - start < 2_000)
})

test('names of the prototype are names like others', () => {
  const operation = operationOf({
    body: {
      type: 'object',
      required: ['toString', 'constructor'],
      properties: { toString: { type: 'string' }, constructor: { type: 'string' } },
    },
  })
  assert.deepEqual(bodyErrors(operation, {}), ['required /body/toString', 'required /body/constructor'])
  assert.deepEqual(bodyErrors(operation, { toString: 'a', constructor: 'b' }), [])
  assert.deepEqual(bodyErrors(operation, { toString: 'a', constructor: 'b', valueOf: 1 }), [
    'undeclared /body/valueOf',
  ])
})
