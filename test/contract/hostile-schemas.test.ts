import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contractOf, findingsOf } from '../../src/contract/contract.fixture.ts'

/** Runs within a time that no measure of patience is needed for. */
function within<T>(ms: number, what: string, run: () => T): T {
  const start = performance.now()
  const result = run()
  const took = performance.now() - start
  assert.ok(took < ms, `${what}: ${Math.round(took)} ms`)
  return result
}

const ref = (i: number): object => ({ $ref: `#/components/schemas/S${i}` })

function documentOf(schemas: object): object {
  return {
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    paths: {
      '/a': {
        post: {
          parameters: [{ in: 'query', name: 'q', schema: ref(0) }],
          requestBody: { content: { 'application/json': { schema: ref(0) } } },
          responses: { 200: { description: '', content: { 'application/json': { schema: ref(0) } } } },
        },
      },
    },
    components: { schemas },
  }
}

for (const keyword of ['allOf', 'anyOf', 'oneOf'])
  test(`eight ways to each of forty schemas by ${keyword}`, () => {
    const last = {
      type: 'object',
      required: ['b'],
      properties: { a: { type: 'string', readOnly: true }, b: {} },
    }
    const eight = (i: number): object => ({ [keyword]: Array.from({ length: 8 }, () => ref(i + 1)) })
    const schemas = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`S${i}`, i === 39 ? last : eight(i)]),
    )
    const contract = within(3_000, 'load', () => contractOf(documentOf(schemas)))
    const [operation] = contract.operations
    assert.ok(operation !== undefined)
    const media = operation.input.body?.find('application/json')
    const reply = operation.output.find(200, 'application/json')
    for (const value of [{ a: 'x' }, { b: 1 }, { b: 1, c: 1 }, 7]) {
      within(1_000, 'validate', () => media?.validate(value))
      within(1_000, 'reply', () => reply?.validate(value))
      within(1_000, 'prune', () => {
        try {
          reply?.prune(structuredClone(value))
        } catch (error) {
          assert.match(String(error), /too many steps/)
        }
      })
    }
  })

test('aliases in aliases are one schema each', () => {
  const parts = Array.from({ length: 6 }, (_, i) => {
    const below = i === 0 ? '{ type: string }' : `*s${i - 1}`
    const properties = Array.from({ length: 8 }, (__, n) => `p${n}: ${below}`).join(', ')
    return `  s${i}: &s${i} { type: object, properties: { ${properties} } }`
  })
  const text = `x-parts:
${parts.join('\n')}
openapi: 3.1.0
info: { title: t, version: '1' }
paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { properties: { x: *s5 } } } } }
      responses: {}
`
  const contract = within(3_000, 'load', () => contractOf(text))
  const media = contract.operations[0]?.input.body?.find('application/json')
  assert.deepEqual(media?.validate({ x: { p0: { p1: { p2: { p3: { p4: { p5: 7 } } } } } } }), [
    { pointer: '/body/x/p0/p1/p2/p3/p4/p5', code: 'type' },
  ])
  assert.deepEqual(media?.validate({ x: { p0: { p1: { q: 7 } } } }), [
    { pointer: '/body/x/p0/p1/q', code: 'undeclared' },
  ])
})

test('one schema of ten thousand properties', () => {
  const properties = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, i) => [
      `p${i}`,
      { type: 'object', properties: { a: { type: 'integer' } } },
    ]),
  )
  const contract = within(5_000, 'load', () => contractOf(documentOf({ S0: { type: 'object', properties } })))
  const media = contract.operations[0]?.input.body?.find('application/json')
  assert.deepEqual(media?.validate({ p9999: { a: 'x' } }), [{ pointer: '/body/p9999/a', code: 'type' }])
})

test('too many values', () => {
  const text = `{"openapi":"3.1.0","paths":{},"x":[${'0,'.repeat(3_000_000)}0]}`
  assert.match(within(5_000, 'refuse', () => findingsOf(text))[0]?.message ?? '', /too many values/)
})
