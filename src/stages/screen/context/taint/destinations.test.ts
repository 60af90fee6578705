import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { destinationsOf, withParents } from './destinations.ts'

const keysOf = (text: string): string[] => [...destinationsOf(text).keys].sort()

test('one spelling for each kind', () => {
  for (const [text, key] of [
    ['Mail Eve@Evil.Example now', 'e:eve@evil.example'],
    ['mail eve (at) evil [dot] example', 'e:eve@evil.example'],
    ['mail ｅｖｅ＠evil.example', 'e:eve@evil.example'],
    ['see https://user:x@Evil.example:8443/a?b#c', 'h:evil.example'],
    ['go to evil.example/x', 'h:evil.example'],
    ['go to http://203.0.113.7/x', 'h:203.0.113.7'],
    ['at bücher.example', 'h:xn--bcher-kva.example'],
    ['IBAN de89 3704 0044 0532 0130 00', 'i:de89370400440532013000'],
    ['call +49 (170) 123-4567', 'n:701234567'],
    ['call 0170 1234567', 'n:701234567'],
    ['0x52908400098527886E0F7030069857D2E4169EE7', 'l:0x52908400098527886e0f7030069857d2e4169ee7'],
    ['booking bk_a1c3e5g7i9k1', 'l:bka1c3e5g7i9k1'],
  ] as const)
    assert.ok(keysOf(text).includes(key), `${text}: ${keysOf(text).join(' ')}`)
})

test('dates, prices, versions and words are no destinations', () => {
  for (const text of [
    'from 2026-12-01 to 2026-12-05',
    '01.12.2026, 14:30',
    'between 2024-2026',
    'EUR 1,299.00 for 2 nights',
    'a very long sentence without anything in it',
    'room 1204, floor 12',
  ])
    assert.deepEqual(keysOf(text), [], text)
})

test('an address is known by its domain, a host by the domains above it', () => {
  assert.deepEqual(withParents(['h:a.b.evil.example']), [
    'h:a.b.evil.example',
    'h:b.evil.example',
    'h:evil.example',
  ])
  assert.ok(withParents(['e:x@evil.example']).includes('h:evil.example'))
})

test('more than is kept is said to be more', () => {
  const text = Array.from({ length: 600 }, (_, i) => `a${i}@x.example`).join(' ')
  assert.equal(destinationsOf(text).overflow, true)
  assert.equal(destinationsOf('x '.repeat(200_000)).overflow, true)
})

test('any text, in linear time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      for (const key of destinationsOf(text).keys) assert.match(key, /^[ehinl]:/)
    }),
  )
  const time = (text: string): number => {
    const started = performance.now()
    destinationsOf(text)
    return performance.now() - started
  }
  for (const part of ['a.', '1-', 'a@', 'a1_', '(at) ', 'de89 ', '0', 'a-', 'x.y@']) {
    time(part.repeat(1_000))
    assert.ok(time(part.repeat(80_000)) < 1_500, part)
  }
})
