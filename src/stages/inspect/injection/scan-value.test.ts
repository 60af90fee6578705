import assert from 'node:assert/strict'
import { it } from 'node:test'
import { contractOf } from '../../../contract/contract.fixture.ts'
import { compileInjection } from './engine.ts'
import { createScan, scanValue } from './scan-value.ts'

const quote = "x' or 1=1--"

const { operations } = contractOf({
  openapi: '3.1.0',
  info: { title: 'x', version: '1' },
  paths: {
    '/a/{id}': {
      post: {
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
          { name: 'q', in: 'query', schema: { type: 'string' } },
          { name: 'n', in: 'query', schema: { type: 'array', items: { type: 'integer' } } },
        ],
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: {
                  free: { type: 'string' },
                  code: { type: 'string', pattern: '^[A-Z]{3}$' },
                  wide: { type: 'string', pattern: '^.+$' },
                  kind: { enum: [quote] },
                  link: { type: 'string', format: 'uri' },
                  count: { type: ['integer', 'null'] },
                  list: { type: 'array', items: { $ref: '#/components/schemas/Item' } },
                  open: { type: 'object', additionalProperties: true },
                  either: {
                    oneOf: [{ type: 'object', properties: { a: { type: 'integer' } } }, { type: 'object' }],
                  },
                },
              },
            },
          },
        },
        responses: { default: { description: 'x' } },
      },
    },
  },
  components: {
    schemas: {
      Item: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          on: { type: 'boolean' },
          below: { type: 'array', items: { $ref: '#/components/schemas/Item' } },
        },
      },
    },
  },
})
const operation = operations[0]
assert.ok(operation !== undefined)
const plan = operation.input.body?.find('application/json')?.texts
assert.ok(plan !== undefined)

function pointersOf(value: unknown): string[] {
  const scan = createScan(compileInjection({ threshold: 'balanced' }), 10_000_000)
  scanValue(scan, value, plan as NonNullable<typeof plan>, '/body', 'json-string')
  return [...new Set(scan.findings.filter((f) => f.class === 'sqli').map((f) => f.pointer))]
}

it('scans free texts, and nothing that the schema rules out', () => {
  assert.deepEqual(pointersOf({ free: quote, wide: quote, link: quote }), [
    '/body/free',
    '/body/wide',
    '/body/link',
  ])
  // These would not be valid; that they are not looked at is what the validation is for.
  assert.deepEqual(pointersOf({ code: quote, kind: quote, count: quote }), [])
})

it('goes into lists and references, and into what nobody declared', () => {
  assert.deepEqual(pointersOf({ list: [{ name: 'ok', below: [{ name: quote, on: true }] }] }), [
    '/body/list/*/below/*/name',
  ])
  assert.deepEqual(pointersOf({ open: { [quote]: 1 } }), ['/body/open/*'])
  assert.deepEqual(pointersOf({ open: { a: [{ b: quote }] } }), ['/body/open/*/*/*'])
  assert.deepEqual(pointersOf({ either: { a: quote } }), ['/body/either/a'])
  assert.deepEqual(pointersOf({ stray: quote }), ['/body/*'])
})

it('knows which parameters are free', () => {
  const { texts } = operation.input
  assert.equal(texts.path.get('id')?.text, 'none')
  assert.equal(texts.query.get('q')?.text, 'free')
  assert.equal(texts.query.get('n')?.quiet, true)
})

it('refuses to answer once the budget is spent', () => {
  const scan = createScan(compileInjection({ threshold: 'balanced' }), 50)
  scanValue(scan, { free: "it's ".repeat(1_000) }, plan as NonNullable<typeof plan>, '/body', 'json-string')
  assert.equal(scan.spent, true)
})

it('the page that a caller is on is no target', () => {
  const engine = compileInjection({ threshold: 'balanced' })
  const classesOf = (text: string, page: boolean): string[] => {
    const context = { pointer: '/header/referer', place: 'header', page } as const
    return (engine.scanText(text, context, { left: 1_000_000 }) ?? []).map((f) => f.class)
  }
  for (const text of [
    'http://127.0.0.1:5173',
    'http://localhost:3000/rooms?from=2026-12-01',
    'https://192.168.1.20:8443/app/',
    'http://[::1]:8080',
    'http://printer.lan/status',
  ]) {
    assert.deepEqual(classesOf(text, true), [], text)
    assert.deepEqual(classesOf(text, false), ['ssrf'], text)
  }
  for (const text of [
    'http://169.254.169.254/latest/meta-data/',
    'http://2130706433/',
    'http://127.0.0.1@example.com/',
    'gopher://127.0.0.1:6379/_x',
    'file:///etc/passwd',
    "http://127.0.0.1:5173/?q=x' or 1=1--",
    'http://localhost/<script>alert(1)</script>',
  ])
    assert.ok(classesOf(text, true).length > 0, text)
})
