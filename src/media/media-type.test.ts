import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseForm } from './form.ts'
import { parseMediaType } from './media-type.ts'

const accepted: readonly [value: string, text: string][] = [
  ['application/json', 'application/json'],
  ['Application/JSON', 'application/json'],
  ['application/json;charset=UTF-8', 'application/json; charset=utf-8'],
  ['application/json; charset="utf-8"', 'application/json; charset=utf-8'],
  ['application/merge-patch+json', 'application/merge-patch+json'],
]
for (const [value, text] of accepted)
  test(`reads ${value}`, () => {
    assert.equal(parseMediaType(value)?.text, text)
  })

// CVE-2025-32442, CVE-2026-25223, CVE-2026-33806, CVE-2026-3419: spellings that skipped a body's schema.
const refused = [
  'application/json;',
  'application/json;;charset=utf-8',
  'application/json\t;x',
  'application/json, text/plain',
  'application/json ; charset',
  'application/json; charset=utf-8; charset=utf-16',
  'application json',
  'application/',
  '/json',
  'json',
  '',
  `application/json; a=${'x'.repeat(300)}`,
  'application/json; charset="utf-8',
]
for (const value of refused)
  test(`refuses ${JSON.stringify(value.slice(0, 40))}`, () => {
    assert.equal(parseMediaType(value), undefined)
  })

test('another type is another type', () => {
  assert.equal(parseMediaType('application/jsonx')?.essence, 'application/jsonx')
  assert.equal(parseMediaType('application/json; charset=utf-7')?.charset, 'utf-7')
})

test('forms are read strictly', () => {
  assert.deepEqual(parseForm('a=1&b=%C3%A9+x&c'), [
    { name: 'a', value: '1' },
    { name: 'b', value: 'é x' },
    { name: 'c', value: '' },
  ])
  // Raw blanks, as command-line clients send them: every parser takes them as they are.
  assert.deepEqual(parseForm('a=one two\n'), [{ name: 'a', value: 'one two\n' }])
  for (const bad of [
    'a=%',
    'a=%zz',
    'a=%c0%ae',
    'a=1&&b=2',
    'a=%00',
    '__proto__=1',
    'a=é',
    'a=1\0',
    'a=1& b=2',
    '\na=1',
    `${'a=1&'.repeat(1001)}`,
  ])
    assert.equal(parseForm(bad), undefined, bad.slice(0, 20))
})
