import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { detectors } from '../detectors.ts'
import { compileSearch, searches, shortest } from './search.ts'
import { splitPattern } from './split-pattern.ts'

const words = [
  'the ',
  'on ',
  'a=b; ',
  '$x ',
  '(y) ',
  'é ',
  '\n',
  '<b> ',
  "'q' ",
  '../',
  '{z} ',
  '1,2 ',
  '/* */ ',
]
const filler = fc
  .array(fc.constantFrom(...words), { minLength: shortest / 2, maxLength: shortest })
  .map((parts) => parts.join(''))

/** Texts that match a pattern; undefined for what the generator does not know. */
function matching(pattern: RegExp): fc.Arbitrary<string> | undefined {
  try {
    return fc.stringMatching(pattern, { maxLength: 80 })
  } catch {
    return undefined
  }
}

it('finds in long texts exactly what the patterns of the detectors find', (t) => {
  assert.ok(detectors.length > 0 && searches.length > 80)
  let generated = 0
  for (const [pattern, search] of searches) {
    const texts = matching(pattern)
    if (texts !== undefined) generated++
    fc.assert(
      fc.property(filler, texts ?? fc.string(), fc.nat(6), fc.nat(4), (around, inside, cut, where) => {
        const part = inside.slice(0, inside.length - cut)
        const text = [part + around, around + part, `${around}${part} ${around}`, around + part + part][
          where % 4
        ]
        // Tokens are capitals and small letters; texts are lowered.
        const lower = /[A-Z]/.test(pattern.source) ? String(text) : String(text).toLowerCase()
        assert.equal(search.test(lower), pattern.test(lower), `${pattern} on ${JSON.stringify(lower)}`)
      }),
      { numRuns: 25 },
    )
  }
  t.diagnostic(`${searches.length} patterns, ${generated} of them with texts made to match`)
})

it('takes a pattern apart at what its matches must have', () => {
  assert.deepEqual(splitPattern(String.raw`^ab|[jv]\s{0,4}cde{2,3}|\d[xy]`), {
    anchored: ['^ab'],
    landmarks: [
      { before: String.raw`[jv]\s{0,4}`, literal: 'cde', after: 'ee{0,1}' },
      { before: String.raw`\d`, literal: 'x', after: '' },
      { before: String.raw`\d`, literal: 'y', after: '' },
    ],
    rest: undefined,
  })
  assert.deepEqual(splitPattern(String.raw`(?:^|\s)on`), {
    anchored: ['^on'],
    landmarks: [{ before: String.raw`(?:\s)`, literal: 'on', after: '' }],
    rest: undefined,
  })
  assert.equal(splitPattern(String.raw`\d{3}|ab`).rest, String.raw`\d\d\d`)
})

it('finds a match wherever it stands, and none where a literal stands alone', () => {
  const search = compileSearch(/\bfrom\s{1,4}there\b/)
  const long = 'word and word, '.repeat(3_000)
  assert.equal(search.test(long), false)
  assert.equal(search.test(`${long}from here to there${long}`), false)
  for (const at of [0, 14, 20_000, long.length])
    assert.equal(search.test(`${long.slice(0, at)} from  there ${long.slice(at)}`), true)
  // Everywhere: the pattern is run as it is.
  assert.equal(search.test('from '.repeat(4_000)), false)
  assert.equal(search.test(`${'from '.repeat(4_000)}there`), true)
})
