import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { loadContract } from './load-contract.ts'
import type { ToolShape } from './tool-shape.ts'

/** The shapes of all operations of a document, by `operationId`. */
function shapesOf(document: object): Map<string, ToolShape | string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-tools-'))
  try {
    writeFileSync(
      join(folder, 'api.json'),
      JSON.stringify({ info: { title: 'T', version: '1' }, ...document }),
    )
    const contract = loadContract({ file: join(folder, 'api.json'), api: 'things', firstSlot: 3 })
    return new Map(contract.operations.map(({ id, slot }) => [id, contract.tool(slot)]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
const json = (schema: object): object => ({ content: { 'application/json': { schema } } })
const ok = { '200': { description: 'ok' } }

test('arguments stand alone: references, recursion, and nothing that is the document’s own business', () => {
  const shape = shapesOf({
    openapi: '3.0.3',
    paths: {
      '/t/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        post: {
          operationId: 'make',
          summary: 'Makes',
          parameters: [{ name: 'body', in: 'query', schema: { type: 'integer', nullable: true } }],
          requestBody: { required: true, ...json({ $ref: '#/components/schemas/Node' }) },
          responses: { '200': { description: 'ok', ...json({ $ref: '#/components/schemas/Node' }) } },
        },
      },
    },
    components: {
      schemas: {
        Node: {
          type: 'object',
          required: ['name', 'id'],
          'x-sallyport': { objects: {} },
          properties: {
            id: { type: 'string', readOnly: true },
            name: { type: 'string', maxLength: 5, example: 'x', 'x-sallyport': { read: 'never' } },
            secret: { type: 'string', format: 'password' },
            child: { $ref: '#/components/schemas/Node' },
          },
        },
      },
    },
  }).get('make')
  assert.ok(typeof shape === 'object')
  assert.doesNotMatch(JSON.stringify(shape), /x-sallyport|example|"readOnly"|components/)
  assert.deepEqual(shape.body?.argument, 'body')
  assert.deepEqual(
    shape.arguments.map(({ argument, name }) => [argument, name]),
    [
      ['id', 'id'],
      ['query_body', 'body'],
    ],
  )
  const validate = new Ajv2020({ strict: false }).compile(shape.input)
  assert.equal(validate({ id: 'a', body: { name: 'x', child: { name: 'y' } }, query_body: null }), true)
  assert.equal(validate({ id: 'a', body: { name: 'too long', child: { name: 'y' } } }), false)
  assert.equal(validate({ id: 'a', body: { child: {} } }), false)
  assert.equal(validate({ id: 'a', body: { name: 'x' }, more: 1 }), false)
  // What a reply may lose on its way is not promised.
  const reply = new Ajv2020({ strict: false }).compile(shape.output ?? {})
  assert.equal(reply({}), true)
  assert.equal(reply({ name: '[removed: untrusted instruction, id=1]', child: {} }), true)
  assert.equal(reply({ name: 1 }), false)
  assert.doesNotMatch(JSON.stringify(shape.output), /secret/)
})

test('what cannot be a tool says why', () => {
  const operation = (operationId: string, more: object): object => ({ operationId, responses: ok, ...more })
  const shapes = shapesOf({
    openapi: '3.1.0',
    paths: {
      '/form': {
        post: operation('form', {
          requestBody: { required: true, content: { 'application/x-www-form-urlencoded': { schema: {} } } },
        }),
      },
      '/events': {
        get: operation('events', {
          responses: { '200': { description: 'ok', content: { 'text/event-stream': {} } } },
        }),
      },
      '/image': {
        get: operation('image', {
          responses: { '200': { description: 'ok', content: { 'image/png': {} } } },
        }),
      },
      '/cookie': {
        get: operation('cookie', {
          parameters: [{ name: 'c', in: 'cookie', required: true, schema: { type: 'string' } }],
        }),
      },
      '/header': {
        get: operation('header', {
          parameters: [{ name: 'X-Forwarded-For', in: 'header', required: true, schema: { type: 'string' } }],
        }),
      },
      '/matrix/{a}': {
        get: operation('matrix', {
          parameters: [
            { name: 'a', in: 'path', required: true, style: 'matrix', schema: { type: 'string' } },
          ],
        }),
      },
      '/options': { options: operation('options', {}) },
      '/fine': {
        get: operation('fine', {
          parameters: [
            { name: 'c', in: 'cookie', schema: { type: 'string' } },
            { name: 'Authorization', in: 'header', schema: { type: 'string' } },
          ],
        }),
      },
    },
  })
  for (const [id, why] of [
    ['form', /not JSON/],
    ['events', /stream/],
    ['image', /no text/],
    ['cookie', /cookie/],
    ['header', /not the agent’s/],
    ['matrix', /style/],
    ['options', /method/],
  ] as const)
    assert.match(String(shapes.get(id)), why, id)
  const fine = shapes.get('fine')
  assert.ok(typeof fine === 'object' && fine.arguments.length === 0)
})
