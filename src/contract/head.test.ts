import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contractOf, headErrors, operationOf } from './contract.fixture.ts'

const query = (name: string, schema: unknown, more: object = {}): object => ({
  in: 'query',
  name,
  schema,
  ...more,
})

test('integers, numbers and booleans are read strictly', () => {
  const operation = operationOf({
    parameters: [
      query('i', { type: 'integer' }),
      query('n', { type: 'number' }),
      query('b', { type: 'boolean' }),
    ],
  })
  for (const good of ['i=0', 'i=-7', 'i=42', 'n=1.5', 'n=1e3', 'n=-0.5', 'b=true', 'b=false', ''])
    assert.deepEqual(headErrors(operation, { query: good }), [], good)
  for (const bad of ['i=010', 'i=1e3', 'i=%2B1', 'i=%201', 'i=1.0', 'i=', 'i=0x1', 'i=NaN', 'i=1_0'])
    assert.deepEqual(headErrors(operation, { query: bad }), ['type /query/i'], bad)
  for (const bad of ['n=.5', 'n=1.', 'n=Infinity', 'n=%2B1', 'n='])
    assert.deepEqual(headErrors(operation, { query: bad }), ['type /query/n'], bad)
  for (const bad of ['b=1', 'b=True', 'b=', 'b=yes'])
    assert.deepEqual(headErrors(operation, { query: bad }), ['type /query/b'], bad)
})

test('undeclared and repeated query parameters are refused, required ones missed', () => {
  const operation = operationOf({
    parameters: [
      query('q', { type: 'string', maxLength: 3 }, { required: true }),
      query('l', { type: 'array', items: { type: 'integer' } }),
    ],
  })
  assert.deepEqual(headErrors(operation, { query: 'q=a&l=1&l=2' }), [])
  assert.deepEqual(headErrors(operation, { query: '' }), ['required /query/q'])
  assert.deepEqual(headErrors(operation, { query: 'q=a&q=b' }), ['repeated /query/q'])
  assert.deepEqual(headErrors(operation, { query: 'q=a&debug=1' }), ['undeclared /query/debug'])
  assert.deepEqual(headErrors(operation, { query: 'q=a&__proto__=1&constructor=2' }), [
    'undeclared /query/__proto__',
    'undeclared /query/constructor',
  ])
  assert.deepEqual(headErrors(operation, { query: 'q=abcd' }), ['maxLength /query/q'])
  assert.deepEqual(headErrors(operation, { query: 'q=a&l=1&l=x' }), ['type /query/l'])
  assert.deepEqual(headErrors(operation, { query: 'q=a&Q=b' }), ['undeclared /query/Q'])
})

test('styles of lists', () => {
  const list = { type: 'array', items: { type: 'integer' }, maxItems: 3 }
  const of = (style: string, explode: boolean) =>
    operationOf({ parameters: [query('l', list, { style, explode })] })
  assert.deepEqual(headErrors(of('form', false), { query: 'l=1,2,3' }), [])
  assert.deepEqual(headErrors(of('form', false), { query: 'l=1,2,3,4' }), ['maxItems /query/l'])
  assert.deepEqual(headErrors(of('form', false), { query: 'l=1&l=2' }), ['repeated /query/l'])
  assert.deepEqual(headErrors(of('spaceDelimited', false), { query: 'l=1%202' }), [])
  assert.deepEqual(headErrors(of('pipeDelimited', false), { query: 'l=1|2|x' }), ['type /query/l'])
})

test('objects: deepObject, exploded form, flat form, content', () => {
  const schema = {
    type: 'object',
    required: ['min'],
    properties: { min: { type: 'integer' }, max: { type: 'integer' } },
  }
  const deep = operationOf({ parameters: [query('f', schema, { style: 'deepObject' })] })
  assert.deepEqual(headErrors(deep, { query: 'f[min]=1&f[max]=2' }), [])
  assert.deepEqual(headErrors(deep, { query: 'f[max]=2' }), ['required /query/f/min'])
  assert.deepEqual(headErrors(deep, { query: 'f[min]=1&f[min]=2' }), ['repeated /query/f[min]'])
  assert.deepEqual(headErrors(deep, { query: 'f[min]=1&f[evil]=2' }), ['undeclared /query/f/evil'])
  assert.deepEqual(headErrors(deep, { query: 'f=1' }), ['undeclared /query/f'])
  const exploded = operationOf({ parameters: [query('f', schema)] })
  assert.deepEqual(headErrors(exploded, { query: 'min=1&max=2' }), [])
  assert.deepEqual(headErrors(exploded, { query: 'min=1&f=2' }), ['undeclared /query/f'])
  const flat = operationOf({ parameters: [query('f', schema, { explode: false })] })
  assert.deepEqual(headErrors(flat, { query: 'f=min,1,max,2' }), [])
  assert.deepEqual(headErrors(flat, { query: 'f=min' }), ['malformed /query/f'])
  const json = operationOf({
    parameters: [{ in: 'query', name: 'f', content: { 'application/json': { schema } } }],
  })
  assert.deepEqual(headErrors(json, { query: 'f={"min":1}' }), [])
  assert.deepEqual(headErrors(json, { query: 'f={"min":"1"}' }), ['type /query/f/min'])
  assert.deepEqual(headErrors(json, { query: 'f={' }), ['malformed /query/f'])
  assert.deepEqual(headErrors(json, { query: 'f={"min":1,"x":2}' }), ['undeclared /query/f/x'])
})

test('path parameters: simple, label, matrix', () => {
  const of = (schema: object, more: object = {}) =>
    operationOf({
      path: '/t/{id}',
      parameters: [{ in: 'path', name: 'id', required: true, schema, ...more }],
    })
  assert.deepEqual(headErrors(of({ type: 'string', format: 'uuid' }), { params: { id: 'x' } }), [
    'format /path/id',
  ])
  assert.deepEqual(
    headErrors(of({ type: 'array', items: { type: 'integer' } }), { params: { id: '1,2' } }),
    [],
  )
  assert.deepEqual(headErrors(of({ type: 'integer' }, { style: 'label' }), { params: { id: '.5' } }), [])
  assert.deepEqual(headErrors(of({ type: 'integer' }, { style: 'label' }), { params: { id: '5' } }), [
    'type /path/id',
  ])
  assert.deepEqual(headErrors(of({ type: 'integer' }, { style: 'matrix' }), { params: { id: ';id=5' } }), [])
  assert.deepEqual(
    headErrors(of({ type: 'array', items: { type: 'integer' } }, { style: 'matrix', explode: true }), {
      params: { id: ';id=5;id=6' },
    }),
    [],
  )
})

test('headers by any case, cookies by name; what is not declared there is no matter', () => {
  const operation = operationOf({
    parameters: [
      { in: 'header', name: 'X-Count', required: true, schema: { type: 'integer' } },
      { in: 'header', name: 'Authorization', required: true, schema: { type: 'integer' } },
      { in: 'header', name: 'X-List', schema: { type: 'array', items: { type: 'integer' } } },
      { in: 'cookie', name: 'sid', schema: { type: 'string', minLength: 2 } },
    ],
  })
  assert.deepEqual(
    headErrors(operation, { fields: ['x-count', '1', 'x-other', '?', 'cookie', 'a=b; sid=xy'] }),
    [],
  )
  assert.deepEqual(headErrors(operation, { fields: [] }), ['required /header/X-Count'])
  assert.deepEqual(headErrors(operation, { fields: ['x-count', '1', 'x-count', '2'] }), [
    'repeated /header/X-Count',
  ])
  assert.deepEqual(headErrors(operation, { fields: ['x-count', '1', 'x-list', '1, 2', 'x-list', '3'] }), [])
  assert.deepEqual(headErrors(operation, { fields: ['x-count', '1', 'cookie', 'sid=x'] }), [
    'minLength /cookie/sid',
  ])
  assert.deepEqual(headErrors(operation, { fields: ['x-count', '1', 'cookie', 'sid=xx; sid=yy'] }), [
    'repeated /cookie/sid',
  ])
})

test('an API key in the query is declared by its scheme', () => {
  const contract = contractOf({
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    paths: { '/a': { get: { security: [{ key: [] }], responses: {} } }, '/b': { get: { responses: {} } } },
    components: { securitySchemes: { key: { type: 'apiKey', in: 'query', name: 'api_key' } } },
  })
  const [a, b] = contract.operations
  assert.ok(a !== undefined && b !== undefined)
  assert.deepEqual(headErrors(a, { query: 'api_key=1' }), [])
  assert.deepEqual(headErrors(b, { query: 'api_key=1' }), ['undeclared /query/api_key'])
})

test('empty values pass where the contract says so', () => {
  const operation = operationOf({
    parameters: [query('flag', { type: 'boolean' }, { allowEmptyValue: true })],
  })
  assert.deepEqual(headErrors(operation, { query: 'flag=' }), [])
})

test('a text that could be a number is tried as both', () => {
  const operation = operationOf({
    parameters: [
      query('v', {
        oneOf: [
          { type: 'string', pattern: '^0\\d$' },
          { type: 'integer', maximum: 5 },
        ],
      }),
    ],
  })
  assert.deepEqual(headErrors(operation, { query: 'v=07' }), [])
  assert.deepEqual(headErrors(operation, { query: 'v=3' }), [])
  assert.notDeepEqual(headErrors(operation, { query: 'v=9' }), [])
})
