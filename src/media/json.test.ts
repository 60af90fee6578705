import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exactValue, type JsonText, parseJson, printableValue, printJson } from './json.ts'

function read(text: string): JsonText {
  const json = parseJson(Buffer.from(text))
  assert.ok(typeof json !== 'string', `refused: ${json}`)
  return json
}

const refusals: readonly [text: string | Uint8Array, problem: string][] = [
  ['{"a":1,"a":2}', 'duplicate key'],
  ['{"a":1,"\\u0061":2}', 'duplicate key'],
  ['[{"b":{"c":1,"d":[{"e":1}],"c":2}}]', 'duplicate key'],
  ['{"__proto__":1}', 'reserved key'],
  ['{"\\u005f_proto__":1}', 'reserved key'],
  ['{"a":{"constructor":1}}', 'reserved key'],
  ['["\\ud800"]', 'lone surrogate'],
  ['["\\ud800\\u0041"]', 'lone surrogate'],
  ['["\\\\\\udc00"]', 'lone surrogate'],
  ['{"\\ude00":1}', 'lone surrogate'],
  ['[1e400]', 'number out of range'],
  ['[-1e999]', 'number out of range'],
  [`${'['.repeat(65)}${']'.repeat(65)}`, 'too deep'],
  ['[1,]', 'syntax'],
  ['', 'syntax'],
  ['\ufeff{}', 'byte order mark'],
  [new Uint8Array([0x22, 0xc0, 0xae, 0x22]), 'encoding'],
  [new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), 'encoding'],
]

for (const [text, problem] of refusals)
  test(`refuses ${problem}: ${String(text).slice(0, 40)}`, () => {
    assert.equal(parseJson(Buffer.from(text)), problem)
  })

test('thirteen and more keys of one object are still compared', () => {
  const keys = Array.from({ length: 40 }, (_, i) => `"k${i}":0`)
  read(`{${keys.join()}}`)
  assert.equal(parseJson(Buffer.from(`{${keys.join()},"k20":1}`)), 'duplicate key')
})

test('the same key in sibling objects is no duplicate', () => {
  read('[{"a":1},{"a":1,"b":{"a":"a"}}]')
})

test('members are bounded', () => {
  assert.equal(parseJson(Buffer.from('[1,2,3,4]'), { depth: 4, members: 3 }), 'too many members')
})

test('numbers that a double cannot hold are kept exactly', () => {
  const json = read('{"id":9007199254740993,"n":1.5,"s":"9"}')
  assert.equal(json.exact, false)
  assert.deepEqual(exactValue(json), { id: 9007199254740993n, n: 1.5, s: '9' })
  assert.equal(printJson(printableValue(json), false), '{"id":9007199254740993,"n":1.5,"s":"9"}')
})

test('every integer beyond 2^53 is a bigint, also one that a double happens to hold', () => {
  const json = read('{"id":1152921504606846976,"n":0.10000000000000000555,"m":1.10}')
  assert.equal(json.exact, false)
  assert.deepEqual(exactValue(json), { id: 1152921504606846976n, n: 0.1, m: 1.1 })
  const printed = '{"id":1152921504606846976,"n":0.10000000000000000555,"m":1.10}'
  assert.equal(printJson(printableValue(json), false), printed)
})

test('ordinary numbers are exact', () => {
  for (const text of ['[0,-0,1.10,1e3,123456789012345,0.1,9007199254740991]'])
    assert.equal(read(text).exact, true)
})

test('property: what JSON.stringify prints is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value)
      const json = parseJson(Buffer.from(text))
      if (typeof json === 'string') assert.ok(json === 'reserved key' || json === 'lone surrogate', json)
      else assert.deepEqual(json.value, JSON.parse(text))
    }),
    { numRuns: 500 },
  )
})

test('property: arbitrary bytes end in a value or a problem, never in an exception', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\u',
    'd800',
    '1',
    '-',
    'e',
    '.',
    'true',
    ' ',
    'é',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      parseJson(Buffer.from(parts.join('')))
    }),
    { numRuns: 5_000 },
  )
})
