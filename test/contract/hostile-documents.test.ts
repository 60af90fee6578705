import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { loadContract } from '../../src/contract/load-contract.ts'
import { type Finding, Unusable } from '../../src/kernel/finding.ts'

const folder = mkdtempSync(join(tmpdir(), 'hostile-'))
after(() => rmSync(folder, { recursive: true }))

let count = 0

/** Loads a text; returns the findings that stopped it, and fails where it took long or threw anything else. */
function refusal(text: string, place = folder): readonly Finding[] {
  count += 1
  const file = join(place, `case-${count}.yaml`)
  writeFileSync(file, text)
  const start = performance.now()
  try {
    loadContract({ file, api: 'case' })
    return []
  } catch (error) {
    assert.ok(error instanceof Unusable, String(error))
    assert.ok(error.findings.length > 0 && error.findings.length <= 400)
    return error.findings
  } finally {
    assert.ok(performance.now() - start < 10_000)
  }
}

function document(paths: unknown, components: unknown = {}): string {
  return JSON.stringify({ openapi: '3.1.0', info: { title: 't', version: '1' }, paths, components })
}

const get = (more: object = {}): object => ({ get: { responses: {}, ...more } })

test('alias bombs, deep nesting, reserved keys, size', () => {
  const bomb = `openapi: 3.1.0\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array.from({ length: 10 }, () => `*a${i}`).join()}]`).join('\n')}\npaths: {}\n`
  assert.match(refusal(bomb)[0]?.message ?? '', /aliases expand/)
  assert.match(refusal('openapi: 3.1.0\na: &a [*a]\npaths: {}\n')[0]?.message ?? '', /contains itself|alias/)
  assert.match(
    refusal(`{"openapi":"3.1.0","paths":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_001)}`)[0]?.message ?? '',
    /nested deeper/,
  )
  assert.match(
    refusal(`{"openapi":"3.1.0","paths":${'['.repeat(100_000)}`)[0]?.message ?? '',
    /nested deeper|not JSON/,
  )
  assert.match(
    refusal('{"openapi":"3.1.0","paths":{},"x":{"__proto__":{"polluted":true}}}')[0]?.message ?? '',
    /__proto__/,
  )
  assert.match(
    refusal('openapi: 3.1.0\npaths: {}\n__proto__: {polluted: true}\n')[0]?.message ?? '',
    /__proto__/,
  )
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  const large = join(folder, 'large.yaml')
  writeFileSync(large, '')
  truncateSync(large, 50 * 1024 * 1024)
  assert.throws(
    () => loadContract({ file: large, api: 'a' }),
    (e) => e instanceof Unusable && /50 MiB/.test(e.message),
  )
})

test('not a document', () => {
  for (const text of [
    '',
    '[]',
    '1',
    'null',
    '"text"',
    '{',
    '{}',
    '---\na: 1\n---\nb: 2\n',
    'a: b: c',
    '\u0000',
    'openapi: 4.0.0\npaths: {}',
    'swagger: "1.2"',
    '{"openapi":{}}',
  ])
    assert.ok(refusal(text).length > 0, text)
  const binary = join(folder, 'binary.yaml')
  writeFileSync(binary, Buffer.from([0xff, 0xfe, 0x00, 0x80]))
  assert.throws(() => loadContract({ file: binary, api: 'a' }), /UTF-8/)
  assert.throws(
    () => loadContract({ file: join(folder, 'absent.yaml'), api: 'a' }),
    /the file does not exist/,
  )
  assert.throws(() => loadContract({ file: folder, api: 'a' }), /not a regular file/)
})

test('duplicate keys have a place, in JSON as in YAML', () => {
  const json = refusal('{\n  "openapi": "3.1.0",\n  "paths": {},\n  "paths": {}\n}')
  assert.match(json[0]?.message ?? '', /duplicate/)
  assert.equal(json[0]?.place?.line, 4)
  assert.match(refusal('openapi: 3.1.0\npaths: {}\npaths: {}\n')[0]?.message ?? '', /duplicate/)
})

test('references never leave the folder, nor the machine', () => {
  const inside = join(folder, 'api')
  mkdirSync(inside, { recursive: true })
  writeFileSync(join(folder, 'secret.yaml'), 'type: string\n')
  writeFileSync(join(inside, 'part.yaml'), 'Good: { type: string }\nUp: { $ref: "../secret.yaml" }\n')
  symlinkSync(join(folder, 'secret.yaml'), join(inside, 'link.yaml'))
  const withRef = (reference: string): readonly Finding[] =>
    refusal(
      document({ '/a': get({ parameters: [{ in: 'query', name: 'q', schema: { $ref: reference } }] }) }),
      inside,
    )
  assert.deepEqual(withRef('part.yaml#/Good'), [])
  assert.deepEqual(withRef('./part.yaml#/Good'), [])
  for (const reference of [
    '../secret.yaml',
    '%2e%2e/secret.yaml',
    'x/../../secret.yaml',
    'link.yaml',
    'part.yaml#/Up',
  ])
    assert.match(withRef(reference)[0]?.message ?? '', /outside/, reference)
  for (const reference of [
    '/etc/passwd',
    '\\\\host\\share',
    'http://127.0.0.1:1/x',
    'https://example.com/x',
    'file:///etc/passwd',
    '//example.com/x',
    'data:application/json,{}',
    'ftp://x/y',
  ])
    assert.match(withRef(reference)[0]?.message ?? '', /never fetched|absolute/, reference)
  for (const reference of [
    '#/nowhere',
    'absent.yaml',
    '#/info/title',
    'part.yaml#/Bad',
    '#nowhere',
    '#/paths/~1a/get/parameters/9',
    '%zz',
  ])
    assert.match(withRef(reference)[0]?.rule ?? '', /contract\.reference/, reference)
})

test('circles of path items, parameters, schemas', () => {
  const items = document({ '/a': { $ref: '#/paths/~1b' }, '/b': { $ref: '#/paths/~1a' } })
  assert.ok(refusal(items).every((f) => /circle/.test(f.message)) && refusal(items).length > 0)
  const parameters = document(
    { '/a': get({ parameters: [{ $ref: '#/components/parameters/p' }] }) },
    { parameters: { p: { $ref: '#/components/parameters/p' } } },
  )
  assert.match(refusal(parameters)[0]?.message ?? '', /circle/)
  const body = (schemas: object): string =>
    document(
      {
        '/a': {
          post: {
            requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } } },
            responses: {},
          },
        },
      },
      { schemas },
    )
  assert.match(refusal(body({ A: { $ref: '#/components/schemas/A' } }))[0]?.rule ?? '', /schema-loop/)
  assert.match(
    refusal(
      body({
        A: { allOf: [{ $ref: '#/components/schemas/B' }] },
        B: { anyOf: [{ $ref: '#/components/schemas/A' }] },
      }),
    )[0]?.rule ?? '',
    /schema-loop/,
  )
  assert.deepEqual(refusal(body({ A: { properties: { next: { $ref: '#/components/schemas/A' } } } })), [])
  const chain = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, i) => [
      i === 0 ? 'A' : `S${i}`,
      i === 9_999 ? {} : { $ref: `#/components/schemas/S${i + 1}` },
    ]),
  )
  assert.match(refusal(body(chain))[0]?.rule ?? '', /schema-loop/)
})

test('mistakes that would leave a hole are errors with a place and a fix', () => {
  const rules = (text: string): string[] => refusal(text).map((f) => f.rule)
  const parameter = { in: 'path', name: 'id', required: true, schema: {} }
  assert.deepEqual(rules(document({ '/a': get({ operationId: 'x' }), '/b': get({ operationId: 'x' }) })), [
    'contract.operation-duplicate',
  ])
  assert.deepEqual(
    rules(
      document({
        '/a/{id}': get({ parameters: [parameter] }),
        '/a/{other}': get({ parameters: [{ ...parameter, name: 'other' }] }),
      }),
    ),
    ['contract.template-duplicate'],
  )
  assert.deepEqual(rules(document({ '/a/{id}': get() })), ['contract.path-parameter'])
  assert.deepEqual(rules(document({ '/a': get({ parameters: [parameter] }) })), ['contract.path-parameter'])
  assert.deepEqual(rules(document({ '/a': get({ security: [{ nobody: [] }] }) })), ['contract.security'])
  assert.deepEqual(rules(document({ '/a': get({ security: 'none' }) })), ['contract.document'])
  assert.deepEqual(
    rules(
      document({ '/a': get({ parameters: [{ in: 'query', name: 'q', schema: { pattern: '^(a)\\1$' } }] }) }),
    ),
    ['contract.schema'],
  )
  const [finding] = refusal(
    'openapi: 3.1.0\ninfo: {title: t, version: "1"}\npaths:\n  /a/{id}:\n    get:\n      responses: {}\n',
  )
  assert.equal(finding?.place?.line, 5)
  assert.equal(finding?.place?.column, 5)
  assert.match(finding?.fix ?? '', /declare it/)
})

test('a broken schema is told at start, never at a request', () => {
  const broken = [
    { type: 'strange' },
    { type: 7 },
    { minimum: 'a' },
    { maxLength: -1 },
    { pattern: '(' },
    { pattern: 7 },
    { properties: [] },
    { properties: { a: 7 } },
    { required: 'a' },
    { required: [7] },
    { items: 'x' },
    { allOf: {} },
    { anyOf: [] },
    { oneOf: [7] },
    { not: [] },
    { enum: 'a' },
    { multipleOf: 0 },
    { uniqueItems: 'yes' },
    { patternProperties: { '[': {} } },
    { additionalProperties: 'no' },
    { $ref: 7 },
    { dependentRequired: { a: 'b' } },
  ]
  for (const schema of broken) {
    const text = document({
      '/a': {
        post: {
          requestBody: {
            content: { 'application/json': { schema: { type: 'object', properties: { deep: schema } } } },
          },
          responses: {},
        },
      },
    })
    assert.deepEqual(
      refusal(text).map((f) => f.rule),
      ['contract.schema'],
      JSON.stringify(schema),
    )
  }
})
