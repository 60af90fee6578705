import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Operation } from '../../../kernel/operation.ts'
import { isDenied } from '../../../kernel/verdict.ts'
import { parseTarget } from '../../../stages/listen/target.ts'
import type { ToolArgument, ToolTarget } from './tool-target.ts'
import { type WrittenRequest, writeRequest } from './write-request.ts'

const argument = (over: Partial<ToolArgument> & Pick<ToolArgument, 'argument' | 'in'>): ToolArgument => ({
  name: over.argument,
  required: false,
  style: over.in === 'query' ? 'form' : 'simple',
  explode: over.in === 'query',
  json: false,
  ...over,
})
const target: ToolTarget = {
  operation: {} as Operation,
  arguments: [
    argument({ argument: 'id', in: 'path', required: true }),
    argument({ argument: 'q', in: 'query' }),
    argument({ argument: 'list', in: 'query', explode: false }),
    argument({ argument: 'each', in: 'query' }),
    argument({ argument: 'piped', in: 'query', style: 'pipeDelimited', explode: false }),
    argument({ argument: 'deep', in: 'query', style: 'deepObject', explode: true }),
    argument({ argument: 'json', in: 'query', json: true }),
    argument({ argument: 'X-A', in: 'header' }),
  ],
  body: { argument: 'body', required: false, mediaType: 'application/json' },
  path: (values) => `/v1/things/${encodeURIComponent(values.get('id') ?? '')}/parts`,
}
function isWritten(written: ReturnType<typeof writeRequest>): written is WrittenRequest {
  return 'target' in written
}
const text = fc.string({ unit: 'grapheme', maxLength: 20 })

describe('what is written is read back as what it was', () => {
  test('path and query: the same value at the same place, or none at all', () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.array(text, { maxLength: 4 }),
        fc.array(text, { maxLength: 4 }),
        (id, q, each, list) => {
          const written = writeRequest(target, { id, q, each, list })
          if (!isWritten(written)) return
          const read = parseTarget(written.target)
          if (isDenied(read)) return
          const segments = read.path.split('/')
          assert.equal(segments.length, 5)
          assert.equal(decodeURIComponent(segments[3] ?? ''), id)
          const values = (name: string): string[] =>
            read.pairs.filter((pair) => pair.name === name).map(({ value }) => value)
          assert.deepEqual(values('q'), [q])
          assert.deepEqual(values('each'), each)
          assert.deepEqual((values('list')[0] ?? '').split(','), list)
          assert.equal(read.pairs.length, 2 + each.length)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('objects of a query, and JSON in one', () => {
    fc.assert(
      fc.property(fc.dictionary(text, text, { maxKeys: 3 }), fc.json({ maxDepth: 2 }), (deep, json) => {
        const written = writeRequest(target, { id: '1', deep, json: JSON.parse(json) })
        if (!isWritten(written)) return
        const read = parseTarget(written.target)
        if (isDenied(read)) return
        for (const [name, value] of Object.entries(deep))
          assert.ok(read.pairs.some((pair) => pair.name === `deep[${name}]` && pair.value === value))
        const told = read.pairs.find(({ name }) => name === 'json')?.value ?? ''
        assert.equal(JSON.stringify(JSON.parse(told)), JSON.stringify(JSON.parse(json)))
        assert.equal(read.pairs.length, Object.keys(deep).length + 1)
      }),
      { numRuns: 300 },
    )
  })

  test('a header is one line, or an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (value) => {
        const written = writeRequest(target, { id: '1', 'X-A': value })
        if (!isWritten(written)) return
        assert.deepEqual(written.lines, ['X-A', value])
        assert.match(value, /^[\t\x20-\x7e]*$/)
      }),
    )
  })

  test('whatever the arguments are, nothing is thrown, and what is wrong is not repeated', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(text, fc.constantFrom('id', 'q', 'list', 'deep', 'X-A', 'body')),
          fc.jsonValue(),
          { maxKeys: 5 },
        ),
        (args) => {
          const written = writeRequest(target, args)
          if (isWritten(written)) return
          for (const { pointer, code } of written) {
            assert.match(pointer, /^\/arguments(?:\/(?:id|q|list|each|piped|deep|json|X-A|body))?$/)
            assert.match(code, /^[a-z]+$/)
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  test('numbers as they were written', () => {
    const written = writeRequest(target, { id: 12345678901234567890n, q: 1e21, each: [0.1, true] })
    assert.ok(isWritten(written))
    assert.equal(written.target, '/v1/things/12345678901234567890/parts?q=1e%2B21&each=0.1&each=true')
  })
})
