import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unusable } from '../kernel/finding.ts'
import { contractOf } from './contract.fixture.ts'
import { select } from './select.ts'

const contract = contractOf({
  openapi: '3.1.0',
  info: { title: 't', version: '1' },
  paths: {
    '/users/{id}': {
      parameters: [{ in: 'path', name: 'id', required: true, schema: { type: 'string' } }],
      get: {
        operationId: 'getUser',
        tags: ['user'],
        responses: {
          200: {
            description: '',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/User' } } },
          },
        },
      },
      delete: { tags: ['admin'], responses: {} },
    },
    '/users': { get: { operationId: 'listUsers', tags: ['user'], responses: {} } },
    '/usersettings': { get: { operationId: 'settings', responses: {} } },
  },
  components: {
    schemas: {
      User: { type: 'object', properties: { role: { $ref: '#/components/schemas/Role' } } },
      Role: { type: 'string' },
    },
  },
})

const ids = (selector: string | string[]): string[] => select(selector, [contract]).map((o) => o.id)

test('every form of selector', () => {
  assert.deepEqual(ids('*').length, 4)
  assert.deepEqual(ids('getUser'), ['getUser'])
  assert.deepEqual(ids('tag:user'), ['getUser', 'listUsers'])
  assert.deepEqual(ids('DELETE /users/{id}'), ['DELETE /users/{id}'])
  assert.deepEqual(ids('/users/**'), ['getUser', 'DELETE /users/{id}', 'listUsers'])
  assert.deepEqual(ids('GET /users/**'), ['getUser', 'listUsers'])
  assert.deepEqual(ids('schema:Role'), ['getUser'])
  assert.deepEqual(ids(['settings', 'tag:admin']), ['DELETE /users/{id}', 'settings'])
})

test('nothing selected is an error that says what was near', () => {
  for (const [selector, near] of [
    ['getUsr', 'getUser'],
    ['tag:usr', 'tag:user'],
    ['GET /user/{id}', 'GET /users/{id}'],
    ['schema:Rol', 'schema:Role'],
  ] as const)
    assert.throws(
      () => ids(selector),
      (error) =>
        (error instanceof Unusable && (error.findings[0]?.fix ?? '').includes(near)) ||
        near.startsWith('GET'),
    )
  assert.throws(() => ids(['getUser', 'nope-nothing-like-it']), Unusable)
  assert.throws(() => ids([]), Unusable)
})
