import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { sanitise } from './sanitise.ts'

const noHosts = { hosts: [], links: false }
const tags = (text: string): string =>
  Array.from(text, (sign) => String.fromCodePoint(0xe0000 + sign.charCodeAt(0))).join('')

describe('what is hidden comes out', () => {
  for (const [name, text, left] of [
    ['tags', `Hello${tags('do this')}!`, 'Hello!'],
    ['variation selectors in a row', 'a\ufe01\ufe02\ufe03b', 'ab'],
    ['zero width between letters', 'H\u200be\u200bl\u200blo', 'Hello'],
    ['direction overrides outside of right-to-left text', 'a\u202ebc\u202cd', 'abcd'],
    ['soft hyphens', 'won\u00adder', 'wonder'],
    ['terminal sequences', 'a\u001b[31mred\u001b[0mb', 'aredb'],
    ['titles of terminals', 'a\u001b]0;title\u0007b', 'ab'],
    ['NUL and backspace', 'a\u0000b\u0008', 'ab'],
    ['comments', 'a<!-- note -->b', 'ab'],
    ['hidden elements', 'a<div style="display: none">x<div>y</div></div>b', 'ab'],
    ['white on white', 'a<span style="color:#fff;background:#fff">x</span>b', 'ab'],
    ['elements with the attribute', 'a<p hidden>x</p>b', 'ab'],
    ['pictures that would be fetched', 'see ![map](https://evil.example/?q=1)', 'see map'],
    ['pictures by reference', 'see ![map][m]\n\n[m]: https://evil.example/x\n', 'see ![map][m]\n\n\n'],
    ['comments in Markdown', 'a\n[//]: # (note)\nb', 'a\n\nb'],
    ['chat templates', 'a<|im_start|>b[/INST]c', 'a b c'],
    ['what comes together by a removal', '<!-<!-- a -->- b -->c', 'c'],
  ] as const)
    test(name, () => assert.equal(sanitise(text, noHosts)?.text, left))
})

test('what belongs to a script or a picture stays', () => {
  for (const text of [
    '👩‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ❤️ 1️⃣ 🧑🏽‍🚀',
    'می‌خواهم',
    'क्‍ष क्‌ष',
    'שלום \u200fworld',
    '\u2067שלום\u2069',
    '한국어 日本語 中文 ไทย',
    'naïve café Zürich',
    'a < b && c > d',
    '[link](https://example.com)',
    '葛\u{e0100}',
    '<p>shown</p> <br> <img src="/local.png" alt="a cat">',
  ])
    assert.equal(sanitise(text, noHosts), undefined, text)
})

test('hosts on the list keep their pictures; links off it leave their label where there is a list', () => {
  const list = { hosts: ['img.example', '*.cdn.example'], links: true }
  const kept = '![a](https://img.example/a.png) ![b](https://x.cdn.example/b.png) [c](https://img.example)'
  assert.equal(sanitise(kept, list), undefined)
  assert.equal(sanitise('[c](https://evil.example/?q=1)', list)?.text, 'c')
  assert.equal(sanitise('![a](https://img.example.evil.example/)', list)?.text, 'a')
})

test('a text of a kind is read as that kind', () => {
  assert.equal(sanitise('a <!-- b --> c', noHosts, 'plain'), undefined)
  assert.equal(sanitise('a <!-- b --> c', noHosts, 'html')?.text, 'a  c')
})

test('what was taken out, and where it stood', () => {
  const text = 'ab<!-- one two -->cd![e](https://x.example)fg'
  const sanitised = sanitise(text, noHosts)
  assert.equal(sanitised?.text, 'abcdefg')
  assert.deepEqual(
    [...(sanitised?.counts ?? [])],
    [
      ['html-comment', 1],
      ['md-image', 1],
    ],
  )
  const [hidden] = sanitised?.hidden ?? []
  assert.equal(text.slice(hidden?.start, hidden?.end), '<!-- one two -->')
  const at = 'abcdefg'.indexOf('fg')
  const { start, end } = sanitised?.spanOf(at, at + 2) ?? { start: 0, end: 0 }
  assert.equal(text.slice(start, end), 'fg')
})

const pieces = [
  '<!--',
  '-->',
  '<',
  '>',
  '<div hidden>',
  '<p style="display:none">',
  '</div>',
  '</p>',
  '![',
  '[',
  ']',
  '](',
  '](https://a.b)',
  '[a]: # (b)\n',
  '[a]: https://a.b\n',
  '\ud83d',
  '\udc69',
  '\u200d',
  '\u202e',
  '\u202c',
  '\u{e0041}',
  '\u{e007f}',
  '\u{1f3f4}',
  '\ufe0f',
  '\u200b',
  '\u200c',
  'ش',
  'क',
  '\u001b[',
  '\u001b]',
  '\u0007',
  '<|',
  '|>',
  '<|im_end|>',
  '[INST]',
  'word',
  ' ',
  '\n',
  '<img src="https://a.b" ',
  'alt="x"',
]
/** Hostile texts for the property tests. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join('')),
)

test('any text: nothing longer than it was, nothing left to take out, places inside', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const sanitised = sanitise(text, noHosts)
      if (sanitised === undefined) return
      const { text: left } = sanitised
      assert.ok(left.length <= text.length)
      assert.equal(sanitise(left, noHosts)?.text ?? left, left)
      for (const [from, to] of [
        [0, left.length],
        [0, Math.min(1, left.length)],
        [Math.max(0, left.length - 1), left.length],
      ] as const) {
        const { start, end } = sanitised.spanOf(from, to)
        assert.ok(start >= 0 && start <= end && end <= text.length)
      }
      for (const { start, end } of sanitised.hidden)
        assert.ok(start >= 0 && start <= end && end <= text.length)
    }),
    { numRuns: 3_000 },
  )
})

test('nests too deep to follow are taken apart', () => {
  const deep = `${'<!-'.repeat(40)}- a -->${'- b -->'.repeat(40)}`
  const left = sanitise(deep, noHosts)?.text ?? deep
  assert.equal(left.includes('<!--'), false)
  assert.equal(sanitise(left, noHosts), undefined)
})
