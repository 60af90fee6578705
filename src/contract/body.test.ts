import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyErrors, mediaOf, operationOf, pruned, shown } from './contract.fixture.ts'

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

test('readOnly is refused in requests, writeOnly leaves no reply; neither is required the other way', () => {
  const account = {
    type: 'object',
    required: ['id', 'name', 'password'],
    properties: {
      id: { type: 'string', readOnly: true },
      name: { type: 'string' },
      password: { type: 'string', writeOnly: true },
    },
  }
  const operation = operationOf({
    schemas: { Account: account },
    body: { $ref: '#/components/schemas/Account' },
    reply: { $ref: '#/components/schemas/Account' },
  })
  assert.deepEqual(bodyErrors(operation, { name: 'a', password: 'b' }), [])
  assert.deepEqual(bodyErrors(operation, { id: '1', name: 'a', password: 'b' }), ['readOnly /body/id'])
  assert.deepEqual(bodyErrors(operation, { name: 'a' }), ['required /body/password'])
  assert.deepEqual(pruned(operation, { id: '1', name: 'a', password: 'secret' }), {
    removed: ['/password'],
    left: { id: '1', name: 'a' },
  })
  assert.deepEqual(
    shown(operation.output.find(200, 'application/json')?.validate({ id: '1', name: 'a' }) ?? []),
    [],
  )
})

test('a reply loses what is not declared, once named, indexes as stars', () => {
  const operation = operationOf({
    schemas: {
      Node: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          children: { type: 'array', items: { $ref: '#/components/schemas/Node' } },
        },
      },
    },
    reply: { $ref: '#/components/schemas/Node' },
  })
  const value = {
    name: 'a',
    hash: 1,
    children: [
      { name: 'b', hash: 2 },
      { hash: 3, children: [{ hash: 4 }] },
    ],
  }
  const { removed, left } = pruned(operation, value)
  assert.deepEqual(removed, ['/hash', '/children/*/hash', '/children/*/children/*/hash'])
  assert.deepEqual(left, { name: 'a', children: [{ name: 'b' }, { children: [{}] }] })
  assert.equal(pruned(operation, { name: 'a' }).removed, pruned(operation, { name: 'b' }).removed)
})

test('a reply of alternatives keeps what any may have where none applies', () => {
  const operation = operationOf({
    reply: {
      oneOf: [
        { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } },
        { type: 'object', required: ['b'], properties: { b: { type: 'integer' } } },
      ],
    },
  })
  assert.deepEqual(pruned(operation, { a: 1, b: 'x', c: 1 }), { removed: ['/b', '/c'], left: { a: 1 } })
  assert.deepEqual(pruned(operation, { a: 'x', b: 'x', c: 1 }), { removed: ['/c'], left: { a: 'x', b: 'x' } })
})

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

test('form fields are typed by the schema', () => {
  const type = 'application/x-www-form-urlencoded'
  const operation = operationOf({
    mediaType: type,
    body: {
      type: 'object',
      required: ['n'],
      properties: {
        n: { type: 'integer' },
        on: { type: 'boolean' },
        tags: { type: 'array', items: { type: 'string' } },
        card: { type: 'object', properties: { no: { type: 'integer' } } },
      },
    },
  })
  const read = (text: string): { value: unknown; errors: string[] } => {
    const { value, errors } = mediaOf(operation, type).readForm(
      [...new URLSearchParams(text)].map(([name, v]) => ({ name, value: v })),
    )
    return { value: JSON.parse(JSON.stringify(value)), errors: shown(errors) }
  }
  assert.deepEqual(read('n=1&on=true&tags=a&tags=b&card[no]=7'), {
    value: { n: 1, on: true, tags: ['a', 'b'], card: { no: 7 } },
    errors: [],
  })
  assert.deepEqual(read('n=01').errors, ['type /body/n'])
  assert.deepEqual(read('n=1&n=2').errors, ['repeated /body/n'])
  assert.deepEqual(read('on=true').errors, ['required /body/n'])
  assert.deepEqual(read('n=1&role=admin').errors, ['undeclared /body/role'])
  assert.deepEqual(read('n=1&card[x]=1').errors, ['undeclared /body/card/x'])
})

test('media types: exact, range, all', () => {
  const operation = operationOf({ mediaType: 'Application/*', body: person })
  assert.equal(mediaOf(operation).kind, 'json')
  assert.equal(operation.input.body?.find('text/plain'), undefined)
  assert.equal(operation.input.body?.find('application/octet-stream')?.kind, 'binary')
})
