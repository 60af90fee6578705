import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyErrors, operationOf } from './contract.fixture.ts'

const person = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
}

test('what is not declared is refused, below and in lists too', () => {
  const operation = operationOf({
    schemas: { Person: person },
    body: {
      type: 'object',
      properties: {
        one: { $ref: '#/components/schemas/Person' },
        all: { type: 'array', items: { $ref: '#/components/schemas/Person' } },
      },
    },
  })
  assert.deepEqual(bodyErrors(operation, { one: { name: 'a', age: 3 }, all: [{ name: 'b' }] }), [])
  assert.deepEqual(bodyErrors(operation, { role: 'admin' }), ['undeclared /body/role'])
  assert.deepEqual(bodyErrors(operation, { one: { name: 'a', admin: true } }), ['undeclared /body/one/admin'])
  assert.deepEqual(bodyErrors(operation, { all: [{ name: 'a' }, { name: 'b', x: 1 }] }), [
    'undeclared /body/all/1/x',
  ])
})

test('additionalProperties in so many words is respected; an object without properties is free', () => {
  const operation = operationOf({
    body: {
      type: 'object',
      properties: {
        open: { type: 'object', properties: { a: {} }, additionalProperties: true },
        typed: { type: 'object', properties: { a: {} }, additionalProperties: { type: 'integer' } },
        shut: { type: 'object', properties: { a: {} }, additionalProperties: false },
        free: { type: 'object' },
        any: {},
        named: { patternProperties: { '^x-': { type: 'string' } } },
      },
    },
  })
  assert.deepEqual(
    bodyErrors(operation, {
      open: { z: 1 },
      typed: { z: 1 },
      free: { z: { y: 1 } },
      any: { z: 1 },
      named: { 'x-a': 'b' },
    }),
    [],
  )
  assert.deepEqual(bodyErrors(operation, { typed: { z: 'no' } }), ['type /body/typed/z'])
  assert.deepEqual(bodyErrors(operation, { shut: { z: 1 } }), ['undeclared /body/shut/z'])
  assert.deepEqual(bodyErrors(operation, { named: { y: 'b' } }), ['undeclared /body/named/y'])
})

test('a schema is right in allOf and on its own', () => {
  const operation = operationOf({
    schemas: {
      Base: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      Full: {
        allOf: [
          { $ref: '#/components/schemas/Base' },
          { type: 'object', properties: { extra: { type: 'string' } } },
        ],
      },
    },
    body: {
      type: 'object',
      properties: {
        base: { $ref: '#/components/schemas/Base' },
        full: { $ref: '#/components/schemas/Full' },
      },
    },
  })
  assert.deepEqual(bodyErrors(operation, { base: { id: 'a' }, full: { id: 'a', extra: 'b' } }), [])
  assert.deepEqual(bodyErrors(operation, { base: { id: 'a', extra: 'b' } }), ['undeclared /body/base/extra'])
  assert.deepEqual(bodyErrors(operation, { full: { id: 'a', other: 'b' } }), ['undeclared /body/full/other'])
  assert.deepEqual(bodyErrors(operation, { full: { extra: 'b' } }), ['required /body/full/id'])
})

test('of alternatives, the one that applies declares', () => {
  const operation = operationOf({
    body: {
      oneOf: [
        {
          type: 'object',
          required: ['kind', 'a'],
          properties: { kind: { const: 'a' }, a: { type: 'integer' } },
        },
        {
          type: 'object',
          required: ['kind', 'b'],
          properties: { kind: { const: 'b' }, b: { type: 'integer' } },
        },
      ],
    },
  })
  assert.deepEqual(bodyErrors(operation, { kind: 'a', a: 1 }), [])
  // `b` belongs to the other alternative, which does not apply.
  assert.deepEqual(bodyErrors(operation, { kind: 'a', a: 1, b: 'anything' }), ['undeclared /body/b'])
  assert.notDeepEqual(bodyErrors(operation, { kind: 'c' }), [])
})

test('a discriminator chooses, by mapping and by name', () => {
  const operation = operationOf({
    schemas: {
      Cat: {
        type: 'object',
        required: ['kind'],
        properties: { kind: { type: 'string' }, claws: { type: 'integer' } },
      },
      Dog: {
        type: 'object',
        required: ['kind'],
        properties: { kind: { type: 'string' }, bark: { type: 'boolean' } },
      },
    },
    body: {
      oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }],
      discriminator: { propertyName: 'kind', mapping: { meow: '#/components/schemas/Cat' } },
    },
  })
  assert.deepEqual(bodyErrors(operation, { kind: 'meow', claws: 4 }), [])
  assert.deepEqual(bodyErrors(operation, { kind: 'Dog', bark: true }), [])
  assert.deepEqual(bodyErrors(operation, { kind: 'Dog', claws: 4 }), ['undeclared /body/claws'])
  assert.deepEqual(bodyErrors(operation, { kind: 'meow', claws: 'x' }), ['type /body/claws'])
  assert.deepEqual(bodyErrors(operation, { kind: 'Bird' })[0], 'discriminator /body/kind')
  assert.notDeepEqual(bodyErrors(operation, 'text'), [])
})

test('where a parent with a discriminator stands, its heirs may stand', () => {
  const operation = operationOf({
    openapi: '3.0.3',
    schemas: {
      Pet: {
        type: 'object',
        required: ['kind'],
        discriminator: { propertyName: 'kind' },
        properties: { kind: { type: 'string' } },
      },
      Cat: {
        allOf: [
          { $ref: '#/components/schemas/Pet' },
          { type: 'object', required: ['claws'], properties: { claws: { type: 'integer' } } },
        ],
      },
    },
    body: { type: 'array', items: { $ref: '#/components/schemas/Pet' } },
  })
  assert.deepEqual(bodyErrors(operation, [{ kind: 'Cat', claws: 2 }, { kind: 'Pet' }]), [])
  assert.deepEqual(bodyErrors(operation, [{ kind: 'Cat' }]), ['required /body/0/claws'])
  assert.deepEqual(bodyErrors(operation, [{ kind: 'Pet', claws: 2 }]), ['undeclared /body/0/claws'])
})
