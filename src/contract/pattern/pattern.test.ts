import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compilePattern, type Matcher, TooCostly } from './pattern.ts'

function compiled(source: string): Matcher {
  const matcher = compilePattern(source)
  assert.ok(typeof matcher !== 'string', `${source}: ${String(matcher)}`)
  return matcher
}

test('harmless patterns stay native, others do not', () => {
  for (const source of [
    '^[a-z]+$',
    '^\\d{4}-\\d{2}$',
    '^[a-z0-9]+(?:-[a-z0-9]+)*$',
    '^(foo|foobar)$',
    '[A-Z]{3}',
    '^(?!0000)\\d{4}$',
  ])
    assert.ok(compiled(source) instanceof RegExp, source)
  for (const source of [
    '^(a+)+$',
    '^(a|a)*$',
    '^(a*)*$',
    '^(a?)*b$',
    '(x+x+)+y',
    '^.*.*.*=',
    '[a-z]+\\d',
    '^(a|aa)+$',
    '^(\\w+\\s?)*$',
    '\\s+$',
  ])
    assert.ok(!(compiled(source) instanceof RegExp), source)
})

test('no text blocks', () => {
  const texts = [
    'a'.repeat(30_000),
    `${'a'.repeat(30_000)}!`,
    'a '.repeat(15_000),
    `${'x'.repeat(30_000)}`,
    '\t'.repeat(30_000),
  ]
  for (const source of [
    '^(a+)+$',
    '^(a|a)*$',
    '^(a|aa)+$',
    '(x+x+)+y',
    '^(\\w+\\s?)*$',
    '\\s+$',
    '^(?=(a+)+$)a',
    '^[a-z]+$',
    '^([a-z]+ ?)+$',
    '(.*)(.*)(.*)z',
  ])
    for (const text of texts) {
      const start = performance.now()
      try {
        compiled(source).test(text)
      } catch (error) {
        assert.ok(error instanceof TooCostly)
      }
      assert.ok(performance.now() - start < 250, `${source} on ${text.slice(0, 4)}…`)
    }
})

test('what has no linear form is refused by name', () => {
  assert.match(String(compilePattern('^(a)\\1$')), /back reference/)
  assert.match(String(compilePattern('a*(?<=b+)c*')), /lookbehind/)
  assert.match(String(compilePattern('(')), /not a regular expression/)
})

test('lookaheads behind the start are taken apart', () => {
  const matcher = compiled('^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d)(?!.*\\s).{8,}$')
  assert.equal(matcher.test('abcdEFG1'), true)
  assert.equal(matcher.test('abcdefg1'), false)
  assert.equal(matcher.test('abcd EFG1'), false)
  assert.equal(matcher.test('abEF1'), false)
})

test('every way of matching agrees with RegExp', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    '.',
    '\\d',
    '\\w',
    '\\s',
    '[ab]',
    '[^a]',
    '\\u00e9',
    '\\x41',
    '\\.',
    '[\\s\\d]',
    '\\W',
    '(?:ab|a)',
    '(b)',
    '(?:a|b|)',
  )
  const piece = fc
    .tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,3}', '*?', '{0}'))
    .map(([a, q]) => a + q)
  const source = fc
    .tuple(
      fc.constantFrom('', '^'),
      fc.array(piece, { maxLength: 5 }),
      fc.constantFrom('', '$'),
      fc.constantFrom('', '|b'),
      fc.constantFrom('', '^(?=.*b)'),
    )
    .map(([start, pieces, end, or, look]) => `${look || start}${pieces.join('')}${end}${look ? '' : or}`)
  const text = fc
    .array(fc.constantFrom('a', 'b', '1', ' ', 'é', 'A', '.', '\n', '😀', '\u2028'), { maxLength: 8 })
    .map((c) => c.join(''))
  fc.assert(
    fc.property(source, fc.array(text, { minLength: 4, maxLength: 8 }), (pattern, texts) => {
      const matcher = compiled(pattern)
      const native = new RegExp(pattern, 'u')
      for (const t of texts)
        assert.equal(matcher.test(t), native.test(t), `${pattern} on ${JSON.stringify(t)}`)
    }),
    { numRuns: 1_500 },
  )
})
