import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { readContract } from '../../src/contract/load-contract.ts'
import { Unusable } from '../../src/kernel/finding.ts'

const folder = mkdtempSync(join(tmpdir(), 'any-document-'))
after(() => rmSync(folder, { recursive: true }))

test('any value anywhere: a clear error or a contract, nothing else', (t) => {
  const anything = fc.oneof(
    fc.constantFrom(
      null,
      7,
      'x',
      true,
      [],
      {},
      [7],
      { $ref: '#/paths' },
      { $ref: 7 },
      { $ref: '#' },
      { type: 'object' },
      [{ $ref: '#/x' }],
    ),
    fc.jsonValue({ maxDepth: 3 }),
  )
  const keys = ['openapi', 'info', 'paths', 'components', 'servers', 'security', 'tags', 'webhooks']
  const operationKeys = [
    'operationId',
    'tags',
    'parameters',
    'requestBody',
    'responses',
    'security',
    'x-sallyport',
    'deprecated',
    'servers',
  ]
  const parameterKeys = ['in', 'name', 'schema', 'content', 'style', 'explode', 'required']
  const schemaKeys = [
    'type',
    'properties',
    'items',
    'allOf',
    'oneOf',
    'required',
    'enum',
    'discriminator',
    'additionalProperties',
    '$ref',
    '$id',
    '$anchor',
    '$dynamicRef',
    'nullable',
    'format',
    'if',
  ]
  let runs = 0
  const base = (): Record<string, unknown> => ({
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    paths: {
      '/a/{id}': {
        post: {
          operationId: 'x',
          parameters: [{ in: 'path', name: 'id', required: true, schema: { type: 'string' } }],
          requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } } },
          responses: {
            200: {
              description: '',
              content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } },
            },
          },
        },
      },
    },
    components: {
      schemas: { A: { type: 'object', properties: { a: { $ref: '#/components/schemas/A' } } } },
      securitySchemes: {},
    },
  })
  const changes = fc.array(
    fc.record({
      level: fc.constantFrom('document', 'operation', 'parameter', 'schema', 'swagger'),
      key: fc.nat(30),
      value: anything,
    }),
    { minLength: 1, maxLength: 3 },
  )
  fc.assert(
    fc.property(changes, (list) => {
      const value = base() as Record<string, never>
      const operation =
        (value as never as { paths: Record<string, { post: Record<string, unknown> }> }).paths['/a/{id}']
          ?.post ?? {}
      const parameter = (operation['parameters'] as Record<string, unknown>[])[0] ?? {}
      const schema = (value as never as { components: { schemas: { A: Record<string, unknown> } } })
        .components.schemas.A
      for (const { level, key, value: planted } of list) {
        if (level === 'document') Object.assign(value, { [keys[key % keys.length] as string]: planted })
        else if (level === 'operation')
          operation[operationKeys[key % operationKeys.length] as string] = planted
        else if (level === 'parameter')
          parameter[parameterKeys[key % parameterKeys.length] as string] = planted
        else if (level === 'schema') schema[schemaKeys[key % schemaKeys.length] as string] = planted
        else
          Object.assign(value, {
            openapi: undefined,
            swagger: '2.0',
            definitions: planted,
            parameters: planted,
            securityDefinitions: planted,
          })
      }
      const file = join(folder, 'any.json')
      writeFileSync(file, JSON.stringify(value))
      runs += 1
      try {
        const contract = readContract({ file, api: 'a', budgetMs: 5 })
        for (const { input, output } of contract.operations) {
          input.head({
            params: { id: 'x' },
            pairs: [{ name: 'q', value: '1' }],
            fields: { flat: [] } as never,
          })
          input.body?.find('application/json')?.validate({ a: { a: {} } })
          output.find(200, 'application/json')?.validate({ a: 1 })
          output.find(200, 'application/json')?.prune({ a: { b: 1 } })
        }
        for (const finding of contract.findings) assert.ok((finding.place?.line ?? 1) >= 1)
      } catch (error) {
        assert.ok(error instanceof Unusable, `${String((error as Error).stack)}\n${JSON.stringify(value)}`)
      }
    }),
    { numRuns: 1_500 },
  )
  t.diagnostic(`${runs} documents`)
})
