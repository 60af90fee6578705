import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyErrors, operationOf, pruned, shown } from './contract.fixture.ts'

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
